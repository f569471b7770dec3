import { describe, expect, it } from 'vitest';
import { convNext } from '../../../src/backbones/convnext.js';
import { outlineOf } from '../../../src/backbones/expected-tensors.js';
import { traceableBackbone } from '../../../src/backbones/traceable-backbone.js';
import { timmCatalogue } from '../../../src/backbones/index.js';
import { measureConcepts } from '../../../src/concepts/measures/measure-concepts.js';
import { pictureRelevances } from '../../../src/concepts/measures/picture-relevances.js';
import { sumOf } from '../../../src/concepts/measures/relevance.js';
import { vectorsOfMap } from '../../../src/concepts/vectors.js';
import { frozenParameters } from '../../../src/nn/index.js';
import { hashUniform, hashWeights } from '../../support/hash-weights.js';
import { axisConcepts } from '../axis-concepts.js';

/** ConvNeXt normalises the average of its last map before the classes are read from it. */
describe('relevance behind a normalised average', () => {
  const SIZE = 64;
  const CLASSES = 10;
  const family = convNext({ depths: [1, 1, 1, 1], channels: [8, 16, 24, 32], classes: CLASSES });
  const { tensors, layers } = outlineOf(family, SIZE);
  const weights = hashWeights(tensors);
  const { preprocessing } = timmCatalogue.get('convnext_tiny.fb_in1k')!;
  const backbone = traceableBackbone(
    {
      id: 'small',
      title: 'small',
      preprocessing: { ...preprocessing, size: SIZE },
      layers,
      defaultLayer: 'stages.3',
      labels: Array.from({ length: CLASSES }, (_, i) => `class ${i}`),
      files: [],
    },
    {
      family,
      parameters: frozenParameters(weights, 'the hashed weights'),
      read: (name) => weights.get(name)!.data,
    },
  );
  const layer = 'stages.3';
  const mapShape = layers.at(-1)!.shape;
  const positions = mapShape[1] * mapShape[2];
  const pictures = 3;

  async function maps() {
    const session = await backbone.open({ batch: pictures, threads: 1 });
    const images = Float32Array.from(hashUniform('pictures', pictures * 3 * SIZE * SIZE));
    const { map, logits } = await session.run(images);
    await session.dispose();
    // Maps one after the other, as vectors [pictures · positions, C].
    const vectors = {
      count: pictures * positions,
      width: mapShape[0],
      data: new Float32Array(map),
    };
    for (let i = 0; i < pictures; i++) {
      const size = map.length / pictures;
      const one = vectorsOfMap({ shape: mapShape, data: map.subarray(i * size, (i + 1) * size) });
      vectors.data.set(one.data, i * size);
    }
    return { vectors, logits };
  }

  it('sums to the logit minus the bias of the frozen head', async () => {
    const { vectors, logits } = await maps();
    const subject = { backbone, layer, mapShape, vectors };
    const model = axisConcepts(mapShape[0], [10, 5]);
    const result = await pictureRelevances(model, subject, { pictures, threads: 1 });
    if ('reason' in result) throw new Error(result.reason);
    expect(result.pictures).toHaveLength(pictures);
    result.pictures.forEach(({ classIndex, logit, relevance }, i) => {
      expect(logit).toBeCloseTo(logits[i * CLASSES + classIndex]!, 4);
      expect(relevance.total).toBeCloseTo(logit - result.head!.bias[classIndex]!, 4);
      const parts = [...relevance.concepts, relevance.offset, relevance.rest];
      expect(parts.reduce((sum, part) => sum + sumOf(part), 0)).toBeCloseTo(relevance.total, 4);
    });
  });

  it('is measured as exact', async () => {
    const { vectors } = await maps();
    const model = axisConcepts(mapShape[0], [10, 5]);
    const { relevance, completeness } = await measureConcepts(
      model,
      { backbone, layer, mapShape, vectors },
      { pictures, threads: 1 },
    );
    expect(relevance).toMatchObject({ kind: 'exact', pictures });
    expect((relevance as { largestGap: number }).largestGap).toBeLessThan(1e-4);
    expect(completeness!.whole).toBeGreaterThan(0);
    expect(completeness!.whole).toBeLessThan(1);
  });
});
