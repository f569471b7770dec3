import { readFileSync } from 'node:fs';

export interface MetricFixtures {
  eigenvalues: number[];
  frechet: { manySamples: number; fewSamples: number };
  quantiles: Record<string, number>;
  ssim: number;
  psnr: number;
}

/** Values of numpy, scipy and scikit-image, made by reference/metrics/make_fixtures.py. */
export function readFixtures(): MetricFixtures {
  const url = new URL('../fixtures/metrics.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as MetricFixtures;
}
