/**
 * Pretrained image classifiers: which there are, their layers, how they are fed, what they say. Knows
 * nothing of diffusion and inversion.
 */
export * from './backbone.js';
export type { BackboneConfig } from './backbone-config.js';
export * from './classify.js';
export { findLayer } from './find-layer.js';
export { normalisePixels, preprocessPhotograph, traceInput } from './preprocess.js';
export {
  DEFAULT_BACKBONE,
  listBackbones,
  loadBackbone,
  loadTraceableBackbone,
} from './registry.js';
