import { readFileSync } from 'node:fs';
import { constant, sizeOf, type Shape } from '../../../src/graph/index.js';
import type { RgbPixels } from '../../../src/metrics/index.js';
import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import type { Parameters } from '../../../src/nn/index.js';
import { hashUniform, hashValues } from '../../support/hash-weights.js';

interface Summary {
  readonly shape: Shape;
  /** Of all values. */
  readonly largest: number;
  /** 64 evenly spaced values. */
  readonly samples: readonly number[];
}

export interface InceptionFixture {
  /** Numbers in pytorch-fid's state dict, with the classes that no feature needs. */
  readonly parameters: number;
  readonly pictures: Readonly<Record<string, { height: number; width: number; blocks: Summary[] }>>;
}

/** Outputs of pytorch-fid, made by reference/fid/make_fixtures.py. */
export function readInceptionFixture(): InceptionFixture {
  const url = new URL('../../fixtures/fid/inception.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as InceptionFixture;
}

const GAIN = Math.fround(Math.SQRT2);

/** The reference's weight of a name. */
export function inceptionWeight(name: string, shape: Shape): Float32Array {
  const values = hashValues(name, shape);
  if (name.endsWith('conv.weight')) {
    for (let i = 0; i < values.length; i++) values[i]! *= GAIN;
  }
  return values;
}

/** Whatever a network asks for; `asked` then holds all that it asked for. */
export function hashedParameters(asked: NamedTensors, prefix = ''): Parameters {
  return {
    scope: (name) => hashedParameters(asked, `${prefix}${name}.`),
    tensor: (name, shape) => {
      const data = inceptionWeight(prefix + name, shape);
      asked.set(prefix + name, { shape, data });
      return constant(data, shape);
    },
  };
}

/** The reference's picture: hashed 8x8 blocks with hashed noise upon them. */
export function hashedPicture(name: string, height: number, width: number): RgbPixels {
  const columns = width / 8;
  const blocks = hashUniform(`${name} blocks`, (height / 8) * columns * 3);
  const noise = hashUniform(`${name} noise`, height * width * 3);
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [y, x, c] = [Math.floor(i / (3 * width)), Math.floor(i / 3) % width, i % 3];
    const block = blocks[((y >> 3) * columns + (x >> 3)) * 3 + c]!;
    return Math.floor(128 + 96 * block + 31 * noise[i]!);
  });
  return { width, height, data };
}

/** Largest difference of the samples, relative to the largest value. */
export function relativeError(values: Float32Array, { shape, largest, samples }: Summary): number {
  if (values.length !== sizeOf(shape)) return Infinity;
  const last = samples.length - 1;
  const errors = samples.map((sample, i) =>
    Math.abs(values[Math.floor((i * (values.length - 1)) / last)]! - sample),
  );
  return Math.max(...errors) / largest;
}
