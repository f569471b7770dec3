/** Common corruptions of pictures (ImageNet-C). Knows pictures and chance, no model. */
export { corrupt, MIN_CORRUPTED_SIDE, type CorruptOptions } from './corrupt.js';
export {
  SEVERITIES,
  type Corruption,
  type CorruptionOptions,
  type Severity,
} from './corruption.js';
export { readFrostTextures } from './frost.js';
export {
  CORRUPTION_GROUPS,
  CORRUPTION_KINDS,
  CORRUPTIONS,
  type CorruptionGroup,
  type CorruptionKind,
  type RegisteredCorruption,
} from './registry.js';
