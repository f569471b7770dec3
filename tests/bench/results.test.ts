import { expect, it } from 'vitest';
import { describeResults } from '../../bench/describe-results.js';
import { mergeResults, resultsSchema, type Results, type Row } from '../../bench/results.js';
import { InputError } from '../../src/errors.js';
import { parseConfig } from '../../src/parse-config.js';

const spread = (median: number) => ({ median, min: median - 1, max: median + 1 });

const rowOf = (name: string, milliseconds: number): Row => ({
  name,
  group: 'extraction',
  images: 8,
  ours: {
    milliseconds: spread(milliseconds),
    turns: 7,
    peakRssMB: 500,
    compiling: 2000,
    gflop: 10,
  },
  matmulShare: spread(1.25),
  peers: {
    fp32: {
      milliseconds: spread(3 * milliseconds),
      turns: 7,
      peakRssMB: 1000,
      compiling: 0,
      gflop: 10,
      layout: 'channels_last',
      speed: spread(3),
      memory: 0.5,
    },
  },
});

const resultsOf = (rows: readonly Row[], versions: Results['versions'] = {}): Results => ({
  machine: { cpu: 'a CPU', cores: 2, threads: 2 },
  versions,
  rows: [...rows],
});

it('merges rows in the order of the table, the later of two counting', () => {
  const earlier = resultsOf([rowOf('b', 20), rowOf('gone', 5), rowOf('c', 30)], { node: '20' });
  const later = resultsOf([rowOf('a', 10), rowOf('b', 21)], { torch: '2' });
  const merged = mergeResults(earlier, later, ['a', 'b', 'c']);
  expect(merged.rows.map(({ name, ours }) => [name, ours.milliseconds.median])).toEqual([
    ['a', 10],
    ['b', 21],
    ['c', 30],
    ['gone', 5],
  ]);
  expect(merged.versions).toEqual({ node: '20', torch: '2' });
});

it('does not mix machines or numbers of threads', () => {
  const one = resultsOf([rowOf('a', 10)]);
  const other = { ...one, machine: { ...one.machine, threads: 1 } };
  expect(() => mergeResults(one, other, ['a'])).toThrow(InputError);
  expect(() => mergeResults(one, other, ['a'])).toThrow('a CPU, 2 cores, 2 threads; this is');
});

it('is read back as it was written', () => {
  const results = resultsOf([rowOf('a', 10)], { node: '20' });
  const read: unknown = JSON.parse(JSON.stringify(results));
  expect(parseConfig(resultsSchema, read, 'results.json')).toEqual(results);
});

it('says what is wrong with a file that holds no results', () => {
  expect(() => parseConfig(resultsSchema, { rows: 3 }, 'results.json')).toThrow(
    /results\.json: .*rows/,
  );
});

it('prints a table of rates and one of ratios', () => {
  const cells = describeResults(resultsOf([rowOf('a', 10)], { node: '20' }))
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(cells).toContainEqual([
    '',
    'a',
    '10.0 [9.0, 11.0]',
    '1000',
    '1.25 [0.25, 2.25]',
    '800.0',
    '2.0',
    '500',
    '',
  ]);
  expect(cells).toContainEqual(['', 'a', '30.0', '3.00 [2.00, 4.00]', '', '0.50', '', '']);
});

it('prints no table of ratios where nothing was compared', () => {
  const row = { ...rowOf('a', 10), peers: {} };
  expect(describeResults(resultsOf([row]))).not.toContain('PyTorch');
});
