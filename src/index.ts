/** The library: what a classifier saw, as pictures. */
export { loadInverter, DEFAULT_SEED } from './inversion/inverter.js';
export type {
  FeatureMap,
  Inverter,
  ReconstructOptions,
  Reconstruction,
} from './inversion/inverter.js';
export { listInverters } from './inversion/inverter-catalogue.js';
export type { InverterConfig, SamplingDefaults } from './inversion/inverter-config.js';
export { listBackbones, loadBackbone, classify } from './backbones/index.js';
export type { Backbone, LayerInfo } from './backbones/index.js';
export { readImage } from './images/read-image.js';
export { encodePng, writePng } from './images/png.js';
export type { RgbImage } from './images/rgb-image.js';
export { InputError, WorkError } from './errors.js';
