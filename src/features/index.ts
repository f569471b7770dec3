/** Feature maps of many pictures: lists of files and archives, threads that decode, a cache. Knows no commands. */
export {
  collectFeatures,
  decodeThreads,
  DEFAULT_FEATURE_BATCH,
  fillCache,
  type CollectedFeatures,
} from './collect-features.js';
export { FeatureCache } from './feature-cache.js';
export { featureSet, openFeatureSession, type FeatureSet } from './feature-set.js';
export { listPictures, type PictureEntry } from './list-pictures.js';
export { lookAtPictures } from './look-at-pictures.js';
export { openPictureReader } from './picture-reader.js';
