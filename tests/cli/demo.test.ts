import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const demo = (...args: string[]) =>
  featinv('demo', '--alone', '--model', micro.inverter, '--threads', '1', ...args);

const EVALUATION = {
  images: 64,
  cosine: { mean: 0.87 },
  floor: { cosine: 0.8 },
  ceiling: { cosine: 0.94 },
  gapClosed: 0.5,
  intervals: { gapClosed: { low: 0.41, high: 0.6 } },
};

interface Report {
  readonly page: string;
  readonly seconds: number;
  readonly firstReconstruction: number;
  readonly models: { photographs: { image: string; seeds: number[] }[] }[];
}

describe('featinv demo', () => {
  it('reconstructs the shipped photographs and writes a page that needs nothing else', async () => {
    const config = path.join(micro.inverter, 'featinv.json');
    const stored = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown>;
    const evaluated = { ...stored, training: { evaluation: EVALUATION } };
    writeFileSync(config, JSON.stringify(evaluated));
    const out = path.join(micro.directory, 'demo');
    const run = await demo('--samples', '2', '--seed', '5', '--out', out, '--json');
    expect(run.code, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as Report;
    expect(report.page).toBe(path.join(out, 'index.html'));
    expect(report.firstReconstruction).toBeLessThan(report.seconds);
    const { photographs } = report.models[0]!;
    expect(photographs.length).toBeGreaterThanOrEqual(6);
    for (const { image, seeds } of photographs) {
      expect(image).toMatch(/^photos.+\.jpg$/);
      expect(seeds).toEqual([5, 6]);
    }
    const page = readFileSync(report.page, 'utf8');
    expect(page).toContain('red panda');
    expect(page).toContain('MobileNetV1 0.25');
    expect(page).toContain('7×7 unpooled');
    expect(page).toContain('0.41');
    // Two samples and the original of each photograph.
    expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(3 * photographs.length);
    expect(page).not.toMatch(/(src|href)="(?!data:|#)/);
  });

  it('prints a table, where the page is and what to try next', async () => {
    const out = path.join(micro.directory, 'table');
    const run = await demo('--samples', '1', '--out', out);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(
      /^micro +cosine +median +top-1 of photograph +top-1 of reconstruction/,
    );
    expect(run.stdout).toMatch(/\nred panda +-?0\.\d{3} /);
    expect(run.stdout).toMatch(/\nfirst reconstructions after [\d.]+ s, everything after [\d.]+ s/);
    expect(run.stdout).toContain(path.join(out, 'index.html'));
    expect(run.stdout).toContain('npx featinv reconstruct my.jpg');
  });

  it('refuses an output folder that is a file', async () => {
    const file = path.join(micro.directory, 'file');
    writeFileSync(file, '');
    const run = await demo('--out', file);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^featinv: --out must be a directory that can be written to/);
  });
});
