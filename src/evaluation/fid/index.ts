/** Features for the Fréchet Inception distance. Knows no inverter and no evaluation. */
export { InceptionFeatures, INCEPTION_FEATURES } from './inception-features.js';
export { findInceptionWeights, inceptionPlaces, INCEPTION_FILE } from './inception-weights.js';
