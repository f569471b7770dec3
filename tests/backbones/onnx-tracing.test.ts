/** Users' .onnx classifiers as part of other graphs. The files are PyTorch's (reference/onnx). */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isTraceable, loadBackbone, loadTraceableBackbone } from '../../src/backbones/index.js';
import { InputError } from '../../src/errors.js';
import { input } from '../../src/graph/index.js';
import type { RgbImage } from '../../src/images/rgb-image.js';
import { LogitGradient } from '../../src/concepts/measures/gradient-relevance.js';
import { FeatureExtractor } from '../../src/inversion/feature-extractor.js';
import { MapHead } from '../../src/inversion/map-head.js';
import { toBatch } from '../../src/inversion/planar.js';
import { topIndices } from '../../src/metrics/index.js';
import { emitModel } from '../../src/onnx/emit.js';
import { Random } from '../../src/random.js';
import { Adversary } from '../../src/robustness/adversary.js';
import { Session } from '../../src/runtime/session.js';
import {
  FIXTURES,
  fixtureNames,
  relativeError,
  SIZE,
  traceFixture,
} from '../onnx/import/onnx-fixture.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-onnx-traced-'));
afterAll(() => rmSync(directory, { recursive: true }));

const OPTIONS = {
  input: { size: SIZE, crop: 1, filter: 'bilinear', mean: [0.5, 0.5, 0.5], std: [0.2, 0.25, 0.3] },
};

/** A copy of an exported classifier with options beside it. */
function classifier(name: string, options: object = OPTIONS): string {
  const file = path.join(directory, `${name}.onnx`);
  copyFileSync(`${FIXTURES}${name}.onnx`, file);
  writeFileSync(path.join(directory, `${name}.json`), JSON.stringify(options));
  return file;
}

const random = new Random('traced onnx');
const pictures = (count: number, size: number): Float32Array =>
  random.fillNormal(new Float32Array(count * 3 * size * size));

describe.each(fixtureNames)('%s', (name) => {
  it('traces what ONNX Runtime computes, for any number of pictures of any size', async () => {
    const backbone = await loadTraceableBackbone(classifier(name));
    expect(isTraceable(backbone)).toBe(true);
    const side = 20;
    const images = pictures(2, side);
    const { taps, logits } = backbone.traceImages(input('images', [2, 3, side, side]));
    expect([...taps.keys()]).toEqual(backbone.layers.map((layer) => layer.name));
    const map = taps.get(backbone.defaultLayer)!;
    const traced = await Session.compile({ map, logits }, { threads: 1 });
    const original = await backbone.open({ batch: 2, imageSize: [side, side], threads: 1 });
    const [found, expected] = [await traced.run({ images }), await original.run(images)];
    expect(relativeError(found.map, expected.map)).toBeLessThan(1e-5);
    expect(relativeError(found.logits, expected.logits)).toBeLessThan(1e-5);
    await Promise.all([traced.dispose(), original.dispose()]);
  });
});

describe('a file made for two pictures', () => {
  it('is traced for three, forwards and from a map on', async () => {
    const file = classifier('swin-13');
    writeFileSync(file, emitModel({ scores: traceFixture('swin-13', 2).scores }).bytes);
    const backbone = await loadTraceableBackbone(file);
    const session = await backbone.open({ batch: 3, threads: 1 });
    const images = pictures(3, SIZE);
    const expected = (await session.run(images)).logits;
    const { taps, logits } = backbone.trace(input('images', [3, 3, SIZE, SIZE]));
    const first = backbone.layers[0]!.name;
    const traced = await Session.compile({ logits, map: taps.get(first)! }, { threads: 1 });
    const found = await traced.run({ images });
    expect(relativeError(found.logits, expected)).toBeLessThan(1e-5);
    const given = input('map', taps.get(first)!.shape);
    const rest = await Session.compile({ logits: backbone.logitsFrom(first, given) });
    const { logits: behind } = await rest.run({ map: found.map });
    expect(relativeError(behind, expected)).toBeLessThan(1e-5);
    await Promise.all([session.dispose(), traced.dispose(), rest.dispose()]);
  });
});

describe('the rest of the network behind a layer', () => {
  it.each(['resnet-11', 'resnet-bn-17', 'mobilenet-13', 'convnext-20'])('%s', async (name) => {
    const backbone = await loadTraceableBackbone(classifier(name));
    const session = await backbone.open({ batch: 2, threads: 1 });
    const { map, logits } = await session.run(pictures(2, SIZE));
    const given = input('map', [2, ...session.layer.shape]);
    const rest = await Session.compile({ logits: backbone.logitsFrom(session.layer.name, given) });
    expect(relativeError((await rest.run({ map })).logits, logits)).toBeLessThan(1e-5);
    await Promise.all([session.dispose(), rest.dispose()]);
  });

  it('is refused for a layer that others bypass, and for maps of another shape', async () => {
    const backbone = await loadTraceableBackbone(classifier('resnet-11'));
    const inner = backbone.layers.find(({ name }) => name.includes('/one'))!;
    expect(() => backbone.logitsFrom(inner.name, input('map', [1, ...inner.shape]))).toThrow(
      /layer \/stages\/stages\.0\/one.* is bypassed by a skip connection/,
    );
    expect(() => backbone.logitsFrom(inner.name, input('map', [1, 3, 4, 4]))).toThrow(
      'reads logits from maps [1,8,8,8]',
    );
  });
});

describe('class weights', () => {
  it.each(['resnet-11', 'resnet-bn-17', 'convnext-20'])('%s', async (name) => {
    const backbone = await loadTraceableBackbone(classifier(name));
    const { layer, channels, weight, bias, norm } = backbone.classWeights();
    expect(layer).toBe(backbone.defaultLayer);
    const session = await backbone.open({ layer, threads: 1 });
    const { map, logits } = await session.run(pictures(1, SIZE));
    await session.dispose();
    const positions = map.length / channels;
    const means = Array.from({ length: channels }, (_, c) =>
      map.subarray(c * positions, (c + 1) * positions).reduce((sum, x) => sum + x / positions, 0),
    );
    const mean = means.reduce((sum, x) => sum + x / channels, 0);
    const variance = means.reduce((sum, x) => sum + (x - mean) ** 2 / channels, 0);
    const read = means.map((x, c) =>
      norm
        ? ((x - mean) / Math.sqrt(variance + norm.epsilon)) * norm.weight[c]! + norm.bias[c]!
        : x,
    );
    expect(norm !== undefined).toBe(name.startsWith('convnext'));
    const expected = Array.from(bias, (b, i) =>
      read.reduce((sum, x, c) => sum + x * weight[i * channels + c]!, b),
    );
    expect(relativeError(logits, expected)).toBeLessThan(1e-5);
  });

  it.each(['vit-17', 'mobilenet-13', 'mixed-13'])('there are none in %s', async (name) => {
    const backbone = await loadTraceableBackbone(classifier(name));
    expect(() => backbone.classWeights()).toThrow(InputError);
    expect(() => backbone.classWeights()).toThrow(
      `${name}.onnx does not multiply the average of a map with one matrix`,
    );
  });

  it('are refused where the scores are probabilities', async () => {
    const file = classifier('resnet-11', { ...OPTIONS, scoreKind: 'probabilities' });
    const backbone = await loadTraceableBackbone(file);
    expect(() => backbone.classWeights()).toThrow('name the value before its softmax as "scores"');
  });
});

describe('a file with an op that is not known', () => {
  /** Atan in place of every Relu. */
  const withAtan = (): string => {
    const file = classifier('resnet-11');
    const text = readFileSync(file).toString('latin1').replaceAll('Relu', 'Atan');
    writeFileSync(file, Buffer.from(text, 'latin1'));
    return file;
  };
  const reason =
    /resnet-11\.onnx cannot be differentiated: node "\/stem\/stem\.1\/Atan" has the op Atan, which is not known here \(known: Abs, Add, /;

  it('still classifies', async () => {
    const backbone = await loadBackbone(withAtan());
    expect(isTraceable(backbone)).toBe(false);
    const session = await backbone.open({ threads: 1 });
    const { logits } = await session.run(pictures(1, SIZE));
    expect(logits.every(Number.isFinite)).toBe(true);
    await session.dispose();
  });

  it('names the node to all who need its gradients', async () => {
    const file = withAtan();
    await expect(loadTraceableBackbone(file)).rejects.toThrow(reason);
    await expect(loadTraceableBackbone(file)).rejects.toThrow(InputError);
    const backbone = await loadBackbone(file);
    const { defaultLayer } = backbone;
    await expect(Adversary.open(backbone, SIZE)).rejects.toThrow(reason);
    await expect(MapHead.open(backbone, defaultLayer, [16, 4, 4])).rejects.toThrow(reason);
    await expect(LogitGradient.open(backbone, defaultLayer, [16, 4, 4])).rejects.toThrow(reason);
    const extractor = await FeatureExtractor.open(file, undefined, SIZE);
    expect(() => extractor.trace(input('images', [1, 3, SIZE, SIZE]))).toThrow(reason);
    await extractor.dispose();
  });
});

describe('the scores', () => {
  it('are logarithms where the file gives probabilities', async () => {
    const file = classifier('resnet-11', { ...OPTIONS, scoreKind: 'probabilities' });
    const backbone = await loadTraceableBackbone(file);
    const { logits } = backbone.trace(input('images', [1, 3, SIZE, SIZE]));
    const traced = await Session.compile({ logits }, { threads: 1 });
    const original = await backbone.open({ threads: 1 });
    const images = pictures(1, SIZE);
    const expected = (await original.run(images)).logits;
    expect(new Set(expected).size).toBeGreaterThan(2);
    expect(relativeError((await traced.run({ images })).logits, expected)).toBeLessThan(1e-5);
    await Promise.all([traced.dispose(), original.dispose()]);
  });
});

describe('the adversary', () => {
  it.each(['resnet-bn-17', 'vit-17', 'swin-13'])('changes what %s says', async (name) => {
    const backbone = await loadBackbone(classifier(name));
    const adversary = await Adversary.open(backbone, SIZE, { threads: 1 });
    const data = Uint8Array.from({ length: 3 * SIZE * SIZE }, () => random.int(256));
    const image = { width: SIZE, height: SIZE, data };
    const options = { norm: 'linf', epsilon: 16 / 255, steps: 10 } as const;
    const { image: changed, succeeded } = await adversary.attack(image, options);
    expect(succeeded).toBe(true);
    const session = await backbone.open({ imageSize: [SIZE, SIZE], threads: 1 });
    const first = async (shown: RgbImage): Promise<number> =>
      topIndices((await session.run(toBatch([shown]))).logits, 1)[0]!;
    expect(await first(changed)).not.toBe(await first(image));
    await Promise.all([adversary.dispose(), session.dispose()]);
  });
});
