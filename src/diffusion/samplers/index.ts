/** Samplers: from noise and a noise predictor to a sample. Knows nothing of images or networks. */

export type { Predict } from './prediction.js';
export {
  cleanToNoise,
  noiseFromClean,
  noiseFromVelocity,
  noiseToClean,
  velocityToNoise,
} from './prediction.js';
export type { SamplerName } from './registry.js';
export { getSampler, samplerNames } from './registry.js';
export type { SampleOptions, StepInfo } from './sample.js';
export { sample } from './sample.js';
