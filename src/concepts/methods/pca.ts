import { InputError } from '../../errors.js';
import { symmetricEigen } from '../../metrics/symmetric-eigen.js';
import { scatterMatrix } from '../big-product.js';
import { meanRow, squaredNorm, subtractRow, type Vectors } from '../vectors.js';
import { checkVectors, conceptCount } from './fit-checks.js';
import type { ConceptMethod } from './method.js';
import { oneAtomEach } from './single-atoms.js';

const DEFAULT_COUNT = 10;

/** Principal components: orthonormal directions around the mean, the one of most variance first. */
export const pca: ConceptMethod = {
  name: 'pca',
  summary: 'orthogonal directions of most variance around the mean',
  async fit(v, { count, threads, onProgress }) {
    checkVectors(v, 'pca');
    const limit = Math.min(v.width, v.count - 1);
    if (limit === 0) {
      throw new InputError('pca: a single feature vector has no variance, give more of them');
    }
    const reason = 'as many as the vectors and their channels can span';
    const components = conceptCount('pca', count, DEFAULT_COUNT, limit, reason);
    const offset = meanRow(v);
    const centred = subtractRow(v, offset);
    const scatter = squaredNorm(centred);
    if (scatter === 0) {
      throw new InputError('pca: all feature vectors are equal, so they have no variance');
    }
    const { data } = await scatterMatrix(centred, threads);
    const { values, vectors } = symmetricEigen(Float64Array.from(data), v.width);
    onProgress?.('decompose', 1, 1);
    const dictionary: Vectors = {
      count: components,
      width: v.width,
      data: Float32Array.from(vectors.subarray(0, components * v.width)),
    };
    const shares = Array.from(values.subarray(0, components), (value) => value / scatter);
    return {
      method: 'pca',
      concepts: oneAtomEach(components),
      dictionary,
      offset,
      encoder: { kind: 'linear', weight: dictionary },
      diagnostics: {
        explainedVariance: shares.reduce((sum, share) => sum + share, 0),
        ...Object.fromEntries(
          shares.map((share, k) => [`explainedVariance of concept ${k}`, share]),
        ),
      },
    };
  },
};
