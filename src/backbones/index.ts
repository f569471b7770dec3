/**
 * Pretrained image classifiers: which there are, their layers, how they are fed, what they say. Knows
 * nothing of diffusion and inversion.
 */
export * from './backbone.js';
export type { BackboneConfig } from './backbone-config.js';
export * from './classify.js';
export { findLayer } from './find-layer.js';
export { backboneFolder, findWeights } from './find-weights.js';
export {
  authorsPreprocessing,
  cropPhotograph,
  normalisePixels,
  preprocessPhotograph,
  traceInput,
} from './preprocess.js';
export {
  DEFAULT_BACKBONE,
  listBackbones,
  listTimmBackbones,
  loadBackbone,
  loadTraceableBackbone,
  type LoadOptions,
  weightsOfReference,
  type TimmBackboneState,
} from './registry.js';
export type { TimmArchitecture } from './timm-architectures.js';
export { timmCatalogue, type TimmBackbone } from './timm-catalogue.js';
