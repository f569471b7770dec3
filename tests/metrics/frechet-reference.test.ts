import { describe, expect, it } from 'vitest';
import {
  frechetDistance,
  gaussianFromCovariance,
  gaussianFromSamples,
  type Gaussian,
} from '../../src/metrics/index.js';
import { multiplyTransposed, transpose } from '../../src/metrics/matrix-product.js';
import { readDistances, samplePairs, type DistanceCases } from './distance-fixtures.js';

/** From its covariance, which has been rounded: what statistics in a file are. */
function rounded({ mean, factor }: Gaussian): Gaussian {
  const byFeature = transpose(factor);
  return gaussianFromCovariance(mean, multiplyTransposed(byFeature, byFeature).data);
}

const error = (value: number, expected: number): number => Math.abs(value / expected - 1);

describe.each(readDistances('distances.json') as DistanceCases[])('of $width features', (cases) => {
  it.each(samplePairs(cases))('$name are as far apart as pytorch-fid says', (pair) => {
    const { expected } = pair;
    const first = gaussianFromSamples(pair.first);
    const second = gaussianFromSamples(pair.second);
    const distance = frechetDistance(first, second);
    expect(error(distance, expected.singularValues)).toBeLessThan(1e-6);
    expect(error(distance, expected.pytorchFid)).toBeLessThan(1e-3);
    const fromCovariances = frechetDistance(rounded(first), rounded(second));
    expect(error(fromCovariances, expected.pytorchFid)).toBeLessThan(1e-3);
  });
});
