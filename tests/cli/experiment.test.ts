import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
const at = (...parts: string[]): string => path.join(micro.directory, ...parts);

beforeAll(async () => {
  micro = await makeMicroModels();
  write('grid.json', {});
});

afterAll(() => micro.remove());

/** A grid of 2 settings × (as it is, two severities, one attack) on the untrained micro model. */
function write(name: string, change: object): string {
  const experiment = {
    schemaVersion: 1,
    title: 'Everything at once',
    question: 'Does it run?',
    models: [micro.inverter],
    images: [{ name: 'pictures', path: micro.photographs }],
    alterations: [
      { type: 'none' },
      { type: 'corruption', kinds: ['gaussian_noise'], severities: [1, 5] },
      { type: 'attack', epsilons: ['8/255'], steps: 2 },
    ],
    sampling: { steps: [1, 2] },
    charts: [
      { type: 'lines', title: 'L', value: 'cosine', along: 'steps', where: { alteration: 'none' } },
      { type: 'bars', title: 'B', value: 'mapCosine', by: 'severity', series: 'steps' },
    ],
    galleries: [{ title: 'G', images: 2 }],
    ...change,
  };
  writeFileSync(at(name), JSON.stringify(experiment));
  return at(name);
}

const run = (...args: string[]) => featinv('experiment', '--threads', '1', ...args);

describe('featinv experiment', () => {
  it('runs the grid and writes report, table and results; again the same bytes', async () => {
    const out = at('out');
    const first = await run(at('grid.json'), '--out', out);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toContain('feature cosine');
    expect(first.stdout).toContain('out/report.html');
    const read = (name: string): string => readFileSync(path.join(out, name), 'utf8');
    const json = read('results.json');
    const { cells } = JSON.parse(json) as {
      cells: { coordinates: Record<string, unknown>; alteration?: { mapCosine: number } }[];
    };
    expect(cells).toHaveLength(8);
    expect(cells.map(({ coordinates }) => coordinates.steps)).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(cells[0]!.alteration).toBeUndefined();
    // The stronger noise moves the map further, whatever the inverter.
    expect(cells[4]!.alteration!.mapCosine).toBeLessThan(cells[2]!.alteration!.mapCosine);
    expect(cells[7]!.coordinates).toMatchObject({ alteration: 'PGD 2 L∞', epsilon: 8 / 255 });
    const rows = read('results.csv').trimEnd().split('\r\n');
    expect(rows).toHaveLength(9);
    expect(new Set(rows.map((row) => row.split(',').length)).size).toBe(1);
    expect(read('report.html')).toContain('Everything at once');

    // One cell is lost, the others are reused.
    const folders = readdirSync(path.join(out, 'cells')).sort();
    expect(folders).toHaveLength(8);
    rmSync(path.join(out, 'cells', folders[3]!), { recursive: true });
    rmSync(path.join(out, 'results.json'));
    const again = await run(at('grid.json'), '--out', out, '--json');
    expect(again.code, again.stderr).toBe(0);
    expect(read('results.json')).toBe(json);
    expect(JSON.parse(again.stdout)).toMatchObject({ report: path.join(out, 'report.html') });
  });

  it('takes other pictures and fewer of them', async () => {
    const file = write('small.json', {
      alterations: [{ type: 'none' }],
      sampling: { steps: [1] },
      charts: [],
    });
    const result = await run(
      file,
      '--limit',
      '2',
      '--images',
      'pictures=photos',
      '--json',
      '--out',
      at('small'),
    );
    expect(result.code, result.stderr).toBe(0);
    const { cells, experiment } = JSON.parse(result.stdout) as {
      cells: { images: number }[];
      experiment: unknown;
    };
    expect(cells.map(({ images }) => images)).toEqual([2]);
    expect(experiment).toMatchObject({ images: [{ name: 'pictures', path: 'photos', limit: 2 }] });
  });

  it('refuses what cannot be run with one sentence', async () => {
    const crowded = write('crowded.json', {
      alterations: [{ type: 'none' }],
      charts: [{ type: 'bars', title: 'B', value: 'cosine', by: 'model' }],
    });
    const nowhere = write('nowhere.json', { models: { layers: ['none'] } });
    const refusals: [string[], RegExp][] = [
      [[at('missing.json')], /cannot read .*missing.json: no such file/],
      [[nowhere], /no inverter fits "models"; there are lite0-14x14/],
      [
        [write('eta.json', { sampling: { sampler: ['dpm++'], eta: [0.5] } })],
        /dpm\+\+ adds no noise/,
      ],
      [
        [crowded, '--images', 'picture=x'],
        /no images called "picture" \(did you mean "pictures"\?\)/,
      ],
      [[crowded, '--images', 'x'], /--images must be NAME=DIR/],
      [[crowded], /"B": several cells share one place, they differ in steps/],
    ];
    for (const [args, message] of refusals) {
      const result = await run(...args, '--out', at('refused'));
      expect(result, result.stderr).toMatchObject({ code: 2, stdout: '' });
      expect(result.stderr).toMatch(message);
    }
  });
});
