import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { outlineOf } from '../../src/backbones/expected-tensors.js';
import {
  backboneFolder,
  loadBackbone,
  loadTraceableBackbone,
  timmCatalogue,
} from '../../src/backbones/index.js';
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { writeSafetensors } from '../../src/checkpoints/safetensors.js';
import { InputError } from '../../src/errors.js';
import { input, sizeOf } from '../../src/graph/index.js';
import { hashUniform, hashWeights } from '../support/hash-weights.js';

/** The smallest known network. */
const NAME = 'vit_tiny_patch16_224.augreg_in21k_ft_in1k';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-timm-'));
const file = path.join(directory, 'weights.safetensors');
let weights: NamedTensors;

beforeAll(async () => {
  vi.stubEnv('FEATINV_HOME', path.join(directory, 'home'));
  weights = hashWeights(outlineOf(timmCatalogue.get(NAME)!.architecture.family, 224).tensors);
  await writeSafetensors(file, weights);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** Writes tensors under other names and returns the path. */
async function write(
  name: string,
  tensors: NamedTensors,
  rename = (key: string): string => key,
): Promise<string> {
  const written = path.join(directory, `${name}.safetensors`);
  await writeSafetensors(written, new Map([...tensors].map(([key, t]) => [rename(key), t])));
  return written;
}

async function logitsOf(reference: string): Promise<Float32Array> {
  const backbone = await loadBackbone(reference);
  const session = await backbone.open({ threads: 1 });
  const { logits } = await session.run(Float32Array.from(hashUniform('images', 3 * 224 * 224)));
  await session.dispose();
  return logits;
}

describe('weights of a known name', () => {
  it('are taken from a given file, a given folder, or the folder of their name', async () => {
    const expected = await logitsOf(`${NAME}=${file}`);
    expect(new Set(expected).size).toBeGreaterThan(900);
    const folder = backboneFolder(NAME);
    expect(folder).toBe(path.join(directory, 'home', 'backbones', NAME));
    mkdirSync(folder, { recursive: true });
    await writeSafetensors(path.join(folder, 'model.safetensors'), weights);
    expect(await logitsOf(NAME)).toEqual(expected);
    expect(await logitsOf(`${NAME}=${folder}`)).toEqual(expected);
    rmSync(folder, { recursive: true });
  });

  it('may have the prefix of a wrapper and what follows from the architecture', async () => {
    const scalar = { shape: [], data: Float32Array.of(7) };
    const more = new Map([...weights, ['bn1.num_batches_tracked', scalar]]);
    const wrapped = await write('wrapped', more, (key) => `module.${key}`);
    expect(await logitsOf(`${NAME}=${wrapped}`)).toEqual(await logitsOf(`${NAME}=${file}`));
  });

  it('are asked for where they are not', async () => {
    const looked = `looked in ${backboneFolder(NAME)} for model.safetensors, pytorch_model.bin, ${NAME}.safetensors, ${NAME}.pth, ${NAME}.pt, ${NAME}.bin`;
    await expect(loadBackbone(NAME)).rejects.toThrow(
      new InputError(
        `the weights of ${NAME} are not here (${looked}); fetch them with \`featinv pull ${NAME}\`, or give a file as ${NAME}=FILE`,
      ),
    );
    const missing = path.join(directory, 'no.pth');
    await expect(loadBackbone(`${NAME}=${missing}`)).rejects.toThrow(
      `cannot read ${missing}, the weights of ${NAME}: no such file or directory`,
    );
  });

  it('are refused with all that is wrong in one error', async () => {
    const wrong = new Map(weights);
    wrong.delete('norm.bias');
    wrong.set('head.bias', { shape: [10], data: new Float32Array(10) });
    wrong.set('fc_norm.weight', { shape: [192], data: new Float32Array(192) });
    const damaged = await write('damaged', wrong);
    await expect(loadBackbone(`${NAME}=${damaged}`)).rejects.toThrow(
      new InputError(
        `${damaged} does not hold the weights of ${NAME}, 3 tensors are wrong: "norm.bias" [192] is missing; "head.bias" is [10] instead of [1000]; "fc_norm.weight" is not a part of it`,
      ),
    );
  });

  it('are refused when they are those of another network', async () => {
    await expect(loadBackbone(`resnet18.a1_in1k=${file}`)).rejects.toThrow(
      /^.*weights\.safetensors does not hold the weights of resnet18\.a1_in1k, 254 tensors are wrong: "conv1\.weight" \[64,3,7,7\] is missing; ("[^;]*; ){9}and 244 more$/,
    );
  });
});

describe('references', () => {
  it.each<[string, RegExp]>([
    [
      'resnet5.a1_in1k',
      /^there is no backbone "resnet5\.a1_in1k"; did you mean "resnet50\.a1_in1k"\?/,
    ],
    [
      'resnet50.a1_in1k@100',
      /^the size in resnet50\.a1_in1k@100 must be a multiple of 32 from 64 to 1024$/,
    ],
    ['resnet50.a1_in1k@32', /must be a multiple of 32 from 64 to 1024$/],
    [`${NAME}@256`, /takes pictures of 224 pixels only, got @256$/],
    [
      'efficientnet_lite0=x.pth',
      /^efficientnet_lite0 ships with its weights and its size: give it as/,
    ],
    [
      'efficientnet_lite0@256',
      /^efficientnet_lite0 ships with its weights and its size: give it as/,
    ],
  ])('%s', async (reference, message) => {
    await expect(loadBackbone(reference)).rejects.toThrow(InputError);
    await expect(loadBackbone(reference)).rejects.toThrow(message);
  });
});

describe('a network at another size', () => {
  const name = 'resnet18.a1_in1k';
  let resnet: string;
  beforeAll(async () => {
    const { family } = timmCatalogue.get(name)!.architecture;
    const zeros = [...outlineOf(family, 288).tensors].map(
      ([key, shape]) => [key, { shape, data: new Float32Array(sizeOf(shape)) }] as const,
    );
    resnet = await write('resnet', new Map(zeros));
  });

  it('has its own id, maps and crop', async () => {
    const own = await loadBackbone(`${name}=${resnet}`);
    expect(own).toMatchObject({ id: name, preprocessing: { size: 288, crop: 1 } });
    expect(own.layers.at(-1)).toEqual({ name: 'layer4', shape: [512, 9, 9] });
    const trained = await loadBackbone(`${name}@224=${resnet}`);
    expect(trained).toMatchObject({ id: `${name}@224`, preprocessing: { size: 224, crop: 0.95 } });
    expect(trained.layers.at(-1)).toEqual({ name: 'layer4', shape: [512, 7, 7] });
    const other = await loadBackbone(`${name}@320=${resnet}`);
    expect(other.preprocessing).toMatchObject({ size: 320, crop: 1 });
  });

  it('can be fed as the authors of FeatInv do', async () => {
    const backbone = await loadBackbone(`${name}@256=${resnet}`, { preprocessing: 'featinv' });
    const expected = { size: 256, crop: 1, filter: 'bilinear', geometry: 'torchvision' };
    expect(backbone.preprocessing).toMatchObject(expected);
  });

  it('goes on from a layer to the classes, and has class weights', async () => {
    const backbone = await loadTraceableBackbone(`${name}@64=${resnet}`);
    expect(backbone.logitsFrom('layer3', input('map', [2, 256, 4, 4])).shape).toEqual([2, 1000]);
    const { layer, channels, weight, norm } = backbone.classWeights();
    expect({ layer, channels, norm }).toEqual({ layer: 'layer4', channels: 512, norm: undefined });
    expect(weight).toHaveLength(512_000);
  });
});

describe('a classifier that reads a class token', () => {
  it('says so where the average of a map was wanted', async () => {
    const backbone = await loadTraceableBackbone(`${NAME}=${file}`);
    expect(() => backbone.classWeights()).toThrow(
      `${NAME} reads its classes from a class token, not from the average of a map`,
    );
    expect(() => backbone.logitsFrom('norm', input('map', [1, 192, 14, 14]))).toThrow(
      `layer norm of ${NAME} is bypassed by a skip connection or a class token`,
    );
  });
});
