import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { conceptCards } from '../../src/concepts/cards.js';
import { writeConcepts } from '../../src/concepts/concept-files.js';
import { fitConcepts } from '../../src/concepts/fit-concepts.js';
import type { FittedConcepts } from '../../src/concepts/concept-files.js';
import { loadInverter, type Inverter } from '../../src/inversion/inverter.js';
import { featinv } from '../cli/in-process.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
let inverter: Inverter;
let fitted: FittedConcepts;
let files: string[];

beforeAll(async () => {
  micro = await makeMicroModels();
  inverter = await loadInverter(micro.inverter, { threads: 1 });
  files = ['0.png', '1.png', '2.png'].map((name) => path.join(micro.photographs, name));
  fitted = await fitConcepts(inverter, files, { method: 'kmeans', count: 2 });
});

afterAll(async () => {
  await inverter.dispose();
  await micro.remove();
});

describe('conceptCards', () => {
  it('makes one card for each concept, the most energetic first', async () => {
    const cards = await conceptCards(inverter, fitted, files, { seed: 1, seeds: 2, patches: 2 });
    expect(cards.map(({ concept }) => concept).sort()).toEqual([0, 1]);
    expect(cards[0]!.energyShare).toBeGreaterThanOrEqual(cards[1]!.energyShare);
    expect(cards[0]!.energyShare + cards[1]!.energyShare).toBeCloseTo(1, 6);
    for (const { patches, overlays, drawings, relevance } of cards) {
      expect(patches.length).toBeGreaterThan(0);
      expect(patches[0]!.activation).toBeGreaterThanOrEqual(patches.at(-1)!.activation);
      expect(overlays[0]!.lines.length).toBeGreaterThan(0);
      expect(drawings!.whole.activation).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(relevance!.logit)).toBe(true);
    }
    const [{ drawings, patches }] = cards as [(typeof cards)[0]];
    const map = await inverter.features(patches[0]!.file);
    const [whole] = await inverter.reconstruct(map, { seed: 1, samples: 2 });
    expect(drawings!.whole.image).toEqual(whole!.image);
  });

  it('refuses concepts of another layer', async () => {
    const other = { ...fitted, layer: 'Conv2d_11_pointwise' };
    await expect(conceptCards(inverter, other, files, { seed: 1 })).rejects.toThrow(
      'the concepts belong to layer Conv2d_11_pointwise of mobilenet_v1_025',
    );
  });
});

describe('featinv concepts show', () => {
  it('writes one page that needs nothing else', async () => {
    const directory = path.join(micro.directory, 'concepts');
    await writeConcepts(directory, fitted);
    const run = await featinv(
      ...['concepts', 'show', directory, '--model', micro.inverter],
      ...['--threads', '1', '--seeds', '1', '--json'],
    );
    expect(run.code, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as { page: string; cards: { method: string }[] };
    expect(report.cards).toHaveLength(2);
    expect(report.page).toBe(path.join(directory, 'cards.html'));
  });

  it.each([
    [[], "missing required argument 'dir'"],
    [['no-such-folder'], 'concepts.json'],
  ])('refuses %j', async (args, sentence) => {
    const run = await featinv('concepts', 'show', ...args, '--model', micro.inverter);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(sentence);
  });
});
