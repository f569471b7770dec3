import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import { writeSafetensors } from '../../../src/checkpoints/safetensors.js';
import { InceptionFeatures } from '../../../src/evaluation/fid/index.js';
import { planes } from '../../../src/evaluation/fid/inception-features.js';
import { traceInception } from '../../../src/evaluation/fid/inception-v3.js';
import { input, sizeOf } from '../../../src/graph/index.js';
import { frozenParameters } from '../../../src/nn/index.js';
import { Session } from '../../../src/runtime/session.js';
import {
  hashedParameters,
  hashedPicture,
  inceptionWeight,
  readInceptionFixture,
  relativeError,
} from './inception-fixture.js';

/** Both sides compute in float32: only the order of additions differs. */
const TOLERANCE = 2e-5;

const { parameters, pictures } = readInceptionFixture();
const { wide, large } = pictures;

let folder: string;
const weights: NamedTensors = new Map();
const weightsFile = (): string => path.join(folder, 'inception.safetensors');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-inception-'));
  traceInception(hashedParameters(weights), input('pictures', [1, 3, 8, 8]));
  for (const [name, shape] of [
    ['fc.weight', [1008, 2048]],
    ['fc.bias', [1008]],
  ] as const) {
    weights.set(name, { shape, data: inceptionWeight(name, shape) });
  }
  await writeSafetensors(weightsFile(), weights);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("has as many parameters as pytorch-fid's network", () => {
  const sizes = [...weights.values()].map(({ shape }) => sizeOf(shape));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(parameters);
});

it('gives the blocks of pytorch-fid', async () => {
  const { height, width, blocks } = large!;
  const frozen = frozenParameters(weights, 'hashed weights');
  const outputs = traceInception(frozen, input('x', [1, 3, height, width]));
  const { pool1, pool2, mixed6e, pool3 } = outputs;
  const session = await Session.compile({ ...outputs });
  const found = await session.run({ x: planes(hashedPicture('large', height, width)) });
  await session.dispose();
  const names = ['pool1', 'pool2', 'mixed6e', 'pool3'] as const;
  expect([pool1, pool2, mixed6e].map(({ shape }) => shape.slice(1))).toEqual(
    blocks.slice(0, 3).map(({ shape }) => shape),
  );
  expect(pool3.shape).toEqual([1, 2048]);
  names.forEach((name, i) => {
    expect(relativeError(found[name], blocks[i]!), name).toBeLessThan(TOLERANCE);
  });
});

it('gives the features of pytorch-fid from a file, for pictures of any size', async () => {
  const inception = await InceptionFeatures.open(weightsFile());
  const chosen = [
    hashedPicture('wide', wide!.height, wide!.width),
    hashedPicture('large', large!.height, large!.width),
    hashedPicture('wide', wide!.height, wide!.width),
  ];
  const [first, second, third] = await inception.run(chosen);
  expect(await inception.run([])).toEqual([]);
  await inception.dispose();
  expect(relativeError(first!, wide!.blocks[3]!)).toBeLessThan(TOLERANCE);
  expect(relativeError(second!, large!.blocks[3]!)).toBeLessThan(TOLERANCE);
  expect(third).toEqual(first);
});

it('refuses the weights of another network when it is opened', async () => {
  const file = path.join(folder, 'other.safetensors');
  await writeSafetensors(file, new Map([['conv1.weight', weights.get('fc.bias')!]]));
  await expect(InceptionFeatures.open(file)).rejects.toThrow(
    /other\.safetensors lacks the tensor "Conv2d_1a_3x3\.conv\.weight" of shape \[32,3,3,3\]/,
  );
});
