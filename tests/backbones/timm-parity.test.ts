import { describe, expect, it } from 'vitest';
import type { BackboneFamily } from '../../src/backbones/backbone.js';
import { convNext } from '../../src/backbones/convnext.js';
import { checkTensors, outlineOf } from '../../src/backbones/expected-tensors.js';
import { resNet } from '../../src/backbones/resnet.js';
import { swinV2 } from '../../src/backbones/swin-v2.js';
import { visionTransformer } from '../../src/backbones/vision-transformer.js';
import { constant, gradients, input, mul, sum, type Shape } from '../../src/graph/index.js';
import { frozenParameters } from '../../src/nn/index.js';
import { Session } from '../../src/runtime/session.js';
import { hashUniform, hashWeights } from '../support/hash-weights.js';
import {
  errorsOfMaps,
  readTimmFixture,
  relativeError,
  type NetworkReference,
  type Summary,
} from './timm-reference.js';

interface SmallReference extends NetworkReference {
  readonly tensors: Readonly<Record<string, Shape>>;
  /** Of Σ last map · hash('loss') with respect to the images. */
  readonly gradient: Summary;
}

const references = readTimmFixture<Record<string, SmallReference>>('small.json');

/** The members that reference/timm/networks.py constructs. */
const families: Readonly<Record<string, BackboneFamily>> = {
  'resnet-basic': resNet({ block: 'basic', depths: [1, 2, 1, 1], classes: 10 }),
  'resnet-bottleneck': resNet({ block: 'bottleneck', depths: [1, 1, 1, 1], classes: 10 }),
  convnext: convNext({ depths: [1, 1, 2, 1], channels: [16, 32, 64, 128], classes: 10 }),
  swinv2: swinV2({
    channels: 24,
    depths: [2, 2, 2, 2],
    heads: [2, 3, 4, 6],
    window: 8,
    pretrainedWindows: [4, 4, 4, 2],
    classes: 10,
  }),
  'swinv2-own-windows': swinV2({
    channels: 16,
    depths: [2, 1, 2, 1],
    heads: [1, 2, 4, 4],
    window: 4,
    pretrainedWindows: [0, 0, 0, 0],
    classes: 10,
  }),
  vit: visionTransformer({ patch: 16, width: 48, depth: 2, heads: 3, classes: 10 }),
};

const MAP_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-3;

it('compares every member that timm was asked for', () => {
  expect(Object.keys(families)).toEqual(Object.keys(references));
});

describe.each(Object.entries(families))('%s', (name, family) => {
  const reference = references[name]!;
  const { size } = reference;
  const shapes = new Map(Object.entries(reference.tensors));
  const parameters = frozenParameters(hashWeights(shapes), 'the hashed weights');
  const picture = Float32Array.from(hashUniform('images', 3 * size * size));

  it("has timm's tensors and layers", () => {
    const { tensors, layers } = outlineOf(family, size);
    expect(() => checkTensors('timm', name, tensors, shapes)).not.toThrow();
    expect(layers).toEqual(
      Object.entries(reference.maps).map(([layer, { shape }]) => ({
        name: layer,
        shape: shape.slice(1),
      })),
    );
  });

  it("gives timm's maps and logits", async () => {
    const traced = family.trace(parameters, input('images', [1, 3, size, size]));
    const errors = await errorsOfMaps(traced, reference, picture, 1);
    for (const [map, error] of Object.entries(errors)) {
      expect(error, map).toBeLessThan(MAP_TOLERANCE);
    }
  });

  it("has timm's gradient with respect to the picture", async () => {
    const images = input('images', [1, 3, size, size]);
    const last = [...family.trace(parameters, images).taps.values()].at(-1)!;
    const weights = hashUniform(
      'loss',
      last.shape.reduce((a, b) => a * b),
    );
    const loss = sum(mul(last, constant(Float32Array.from(weights), last.shape)));
    const [gradient] = gradients(loss, [images]);
    const session = await Session.compile({ gradient: gradient! }, { threads: 1 });
    const found = await session.run({ images: picture });
    await session.dispose();
    expect(relativeError(found.gradient, reference.gradient)).toBeLessThan(GRADIENT_TOLERANCE);
  });
});
