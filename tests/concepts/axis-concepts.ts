import type { FittedConcepts } from '../../src/concepts/concept-files.js';
import type { ConceptModel } from '../../src/concepts/concept-model.js';
import { rowOf, vectors } from '../../src/concepts/vectors.js';

/** Concepts that are channels: concept k holds the next `sizes[k]` of them, its atoms are unit axes. */
export function axisConcepts(channels: number, sizes: readonly number[]): ConceptModel {
  const atoms = sizes.reduce((sum, size) => sum + size, 0);
  const dictionary = vectors(atoms, channels);
  for (let a = 0; a < atoms; a++) rowOf(dictionary, a)[a] = 1;
  let start = 0;
  const concepts = sizes.map((size, k) => {
    start += size;
    return { name: `axes ${k}`, start: start - size, end: start };
  });
  return {
    method: 'axes',
    concepts,
    dictionary,
    offset: new Float32Array(channels),
    encoder: { kind: 'linear', weight: dictionary },
    diagnostics: {},
  };
}

/** `axisConcepts` as if fitted to the layer of the micro inverter: 128 channels, 64, and 1. */
export function microConcepts(): FittedConcepts {
  return {
    backbone: 'mobilenet_v1_025',
    layer: 'Conv2d_13_pointwise',
    mapShape: [256, 7, 7],
    imageSize: 64,
    fit: { images: ['0.png'], class: null, vectors: 49, seed: 0 },
    model: axisConcepts(256, [128, 64, 1]),
  };
}
