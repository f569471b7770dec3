/** Measures of arrays and pixels. Pure functions: knows nothing of models, files or commands. */

export type { BootstrapOptions, Interval } from './bootstrap.js';
export { bootstrapInterval } from './bootstrap.js';
export type { MapShape } from './cosine-map.js';
export { cosineMap } from './cosine-map.js';
export type { CosineSummary } from './cosine-summary.js';
export { summariseCosines } from './cosine-summary.js';
export type { Gaussian } from './frechet-distance.js';
export {
  frechetDistance,
  gaussianFromCovariance,
  gaussianFromSamples,
} from './frechet-distance.js';
export type { GapClosed, GapCosines } from './gap-closed.js';
export { gapClosed } from './gap-closed.js';
export { meanSquaredError, psnr } from './pixel-error.js';
export { mean, median, quantile } from './quantile.js';
export type { RgbPixels } from './ssim.js';
export { ssim } from './ssim.js';
export { matchesTop1, matchesTop5, topIndices } from './top-match.js';
