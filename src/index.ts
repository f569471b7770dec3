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
export {
  listBackbones,
  listTimmBackbones,
  loadBackbone,
  loadTraceableBackbone,
  classify,
  timmCatalogue,
  type TimmBackbone,
} from './backbones/index.js';
export type { Backbone, LayerInfo, TraceableBackbone } from './backbones/index.js';

export { fitConcepts, type FitConceptsOptions } from './concepts/fit-concepts.js';
export { readConcepts, writeConcepts, type FittedConcepts } from './concepts/concept-files.js';
export {
  activation,
  atomsOf,
  component,
  decode,
  encode,
  type Concept,
  type ConceptModel,
} from './concepts/concept-model.js';
export { CONCEPT_METHODS, findConceptMethod } from './concepts/methods/registry.js';
export type { ConceptMethod, FitOptions } from './concepts/methods/method.js';
export { mapOfVectors, vectorsOfMap, type Vectors } from './concepts/vectors.js';
export { relevance, type PooledHead, type Relevance } from './concepts/measures/relevance.js';
export { gradientRelevance, LogitGradient } from './concepts/measures/gradient-relevance.js';
export { completeness } from './concepts/measures/completeness.js';
export { rSquared } from './concepts/measures/explained.js';
export { sparsity, type Sparsity } from './concepts/measures/sparsity.js';
export { stability, type Stability } from './concepts/measures/stability.js';
export { principalAngles, subspaceSimilarity } from './concepts/measures/subspace-similarity.js';
export { steer, type SteerOptions, type SteeringResult } from './concepts/steer.js';
export { steerMap, type MapSteering } from './concepts/steer-map.js';
export { conceptCards, type CardOptions, type ConceptCard } from './concepts/cards.js';
export { mix, type Mixed, type MixOptions } from './composition/mix.js';
export { COMPOSITIONS, type Composition, type Operands } from './composition/operations.js';
export { Adversary, fgsm, type Attacked, type AttackOptions } from './robustness/adversary.js';
export {
  corrupt,
  CORRUPTION_KINDS,
  CORRUPTIONS,
  readFrostTextures,
  SEVERITIES,
  type CorruptionKind,
  type Severity,
} from './robustness/corruptions/index.js';
export {
  choosePhotographs,
  evaluateInverter,
  reportEvaluation,
  type EvaluationReport,
  type EvaluationRequest,
} from './evaluation/index.js';
export { readExperiment, runExperiment, type Experiment } from './experiments/index.js';

export { pull, findPulled, pullCatalogue, hubSettings } from './hub/index.js';
export { encodePrompts, tokenize, CLIP_VIT_L14 } from './diffusion/text/index.js';
export { openCheckpoint } from './checkpoints/open-checkpoint.js';
export { convertCheckpoint } from './checkpoints/convert-checkpoint.js';
export { listImages } from './images/list-images.js';
export { readImage } from './images/read-image.js';
export { readRegion, regionWeights, type Region } from './images/region.js';
export { imageGrid } from './images/grid.js';
export { encodePng, writePng } from './images/png.js';
export { writeAnimation, type AnimationOptions } from './images/animation.js';
export type { RgbImage } from './images/rgb-image.js';
export { InputError, WorkError } from './errors.js';
