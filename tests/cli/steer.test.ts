import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { writeConcepts } from '../../src/concepts/concept-files.js';
import { readImage } from '../../src/images/read-image.js';
import { microConcepts } from '../concepts/axis-concepts.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { photograph } from './bad-files.js';
import { featinv } from './in-process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
const at = (...parts: string[]): string => path.join(micro.directory, ...parts);

beforeAll(async () => {
  micro = await makeMicroModels();
  await writeConcepts(at('concepts'), microConcepts());
  await writeConcepts(at('elsewhere'), { ...microConcepts(), layer: 'Conv2d_11_pointwise' });
});

afterAll(() => micro.remove());

const steer = (...args: string[]) =>
  featinv(
    'steer',
    ...['--model', micro.inverter, '--threads', '1', '--concepts', at('concepts')],
    ...args,
  );

interface Document {
  readonly concept: { index: number; name: string };
  readonly region: string | null;
  readonly seeds: number[];
  readonly scales: {
    scale: number;
    activation: { original: number; steered: number; reconstructions: { mean: number } };
    classes: { predicted: { steered: number }; measured: { steered: number } }[];
    difference: { meanAbsolute: number; significantShare: number | null };
    outputs: { images: string[]; difference: string };
  }[];
  readonly strip: string;
  readonly page: string;
}

describe('featinv steer', () => {
  it('writes pictures, strip, differences and page, and prints one document', async () => {
    const out = at('out');
    const args = ['--concept', '1', '--scale', '0,1', '--seeds', '2', '--region', '0,0,0.5,1'];
    const run = await steer(photograph('cat.jpg'), ...args, '--out', out, '--json');
    expect(run.code, run.stderr).toBe(0);
    const document = JSON.parse(run.stdout) as Document;
    expect(document).toMatchObject({
      concept: { index: 1, name: 'axes 1' },
      region: '0,0,0.5,1',
      seeds: [100, 101],
      strip: path.join(out, 'strip.png'),
      page: path.join(out, 'steer.html'),
    });
    const [zero, one] = document.scales;
    expect(zero!.scale).toBe(0);
    expect(zero!.outputs).toEqual({
      images: [100, 101].map((seed) => path.join(out, `scale-0.${seed}.png`)),
      difference: path.join(out, 'scale-0.difference.png'),
    });
    expect(zero!.activation.steered).toBeLessThan(one!.activation.steered);
    expect(one!.activation.steered).toBe(one!.activation.original);
    expect(zero!.classes).toHaveLength(5);
    expect(one!.difference).toEqual({ meanAbsolute: 0, significantShare: 0 });
    expect(readdirSync(out)).toHaveLength(2 * 3 + 2);
    expect(await readImage(document.strip)).toMatchObject({ width: 128, height: 128 });
    const page = readFileSync(document.page, 'utf8');
    expect(page).toContain('<h1>Concept 1 in cat</h1>');
    expect(page).toMatch(
      /npx featinv steer \S+ --model \S+ --concepts \S+ --concept 1 --region 0,0,0.5,1 --seeds 2 --scale 0,1/,
    );
  });

  it('gives the bytes of reconstruct at scale 1, which it adds, and prints a table', async () => {
    const picture = path.join(micro.photographs, '0.png');
    const sampling = ['--steps', '2', '--seed', '7'];
    const run = await steer(
      ...[picture, '--concept', '0', '--scale', '-1', '--seeds', '1', '--out', at('one')],
      ...sampling,
    );
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/^scale +asked +found +± seeds +gain +cosine +pixels changed/);
    expect(run.stdout.split('\n')[1]).toMatch(/^ *1 .*unknown/);
    expect(run.stdout).toContain('one seed shows no variation');
    const model = ['--model', micro.inverter, '--threads', '1'];
    await featinv('reconstruct', picture, ...model, ...sampling, '--out', at('plain'));
    const plain = readFileSync(at('plain', '0.micro.7.png'));
    expect(readFileSync(at('one', 'scale-1.7.png')).equals(plain)).toBe(true);
    expect(readFileSync(at('one', 'scale--1.7.png')).equals(plain)).toBe(false);
  });

  it.each([
    [['--concept', '3'], 'there is no concept 3: axes found 3, numbered from 0'],
    [['--concept', 'eyes'], '--concept must be an integer of at least 0, got "eyes"'],
    [['--scale', '0,much'], '--scale must be a number from -100 to 100, got "much"'],
    [['--scale', '0,0'], 'scale 0 is given twice; give each once'],
    [['--seeds', '0'], '--seeds must be an integer from 1 to 1000, got "0"'],
    [['--region', '0,0,2,1'], '--region must be x,y,w,h in shares of the picture’s middle square'],
    [['--region', 'nowhere.png'], 'nowhere.png does not exist; give a picture'],
    [['--eta', '0.5'], '--eta must be 0 with --sampler dpm++'],
    [['--concepts', 'nowhere'], 'nowhere/concepts.json'],
  ])('refuses %j in one line', async (wrong, message) => {
    const run = await steer(path.join(micro.photographs, '0.png'), '--concept', '0', ...wrong);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(`featinv: `);
    expect(run.stderr).toContain(message);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says what to refit where the concepts are of another layer', async () => {
    const args = ['--concept', '0', '--concepts', at('elsewhere')];
    const run = await steer(path.join(micro.photographs, '0.png'), ...args);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/layer Conv2d_11_pointwise .* the inverter micro reads layer/);
  });
});
