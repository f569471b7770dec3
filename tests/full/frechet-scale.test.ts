import { loadavg } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  frechetDistance,
  gaussianFromCovariance,
  gaussianFromSamples,
  type Gaussian,
} from '../../src/metrics/index.js';
import { multiplyTransposed, transpose } from '../../src/metrics/matrix-product.js';
import { readDistances, samplePairs, type DistanceCases } from '../metrics/distance-fixtures.js';

const cases = readDistances('distances-2048.json') as DistanceCases;

/** Times are printed and not checked: they depend on what else the machine does. */
function timed<T>(what: string, work: () => T): T {
  const begin = performance.now();
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${what}: ${((performance.now() - begin) / 1000).toFixed(1)} s, ` +
      `${((user + system) / 1e6).toFixed(1)} s of processor time, load ${loadavg()[0]!.toFixed(1)}`,
  );
  return result;
}

/** From its covariance, which has been rounded: what statistics in a file are. */
function rounded({ mean, factor }: Gaussian): Gaussian {
  const byFeature = transpose(factor);
  const { data } = multiplyTransposed(byFeature, byFeature);
  return timed('factor of a covariance', () => gaussianFromCovariance(mean, data));
}

const error = (value: number, expected: number): number => Math.abs(value / expected - 1);

describe(`Fréchet distances of ${cases.width} features`, () => {
  it.each(samplePairs(cases))(
    '$name are as far apart as pytorch-fid says',
    ({ name, expected, ...pair }) => {
      const first = timed(`${name}: first`, () => gaussianFromSamples(pair.first));
      const second = timed(`${name}: second`, () => gaussianFromSamples(pair.second));
      const distance = timed(`${name}: distance`, () => frechetDistance(first, second));
      const fromCovariances = timed(`${name}: distance from covariances`, () =>
        frechetDistance(rounded(first), rounded(second)),
      );
      const errors = {
        pytorchFid: error(distance, expected.pytorchFid),
        singularValues: error(distance, expected.singularValues),
        fromCovariances: error(fromCovariances, expected.singularValues),
      };
      console.log(name, distance, errors);
      expect(errors.pytorchFid).toBeLessThan(1e-3);
      expect(errors.singularValues).toBeLessThan(1e-6);
      expect(errors.fromCovariances).toBeLessThan(1e-3);
    },
    600_000,
  );
});
