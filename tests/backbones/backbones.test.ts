import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openBuiltInBackbone } from '../../src/backbones/built-in-backbone.js';
import {
  classify,
  DEFAULT_BACKBONE,
  findLayer,
  listBackbones,
  loadBackbone,
  loadTraceableBackbone,
  normalisePixels,
  preprocessPhotograph,
  softmax,
  topPredictions,
} from '../../src/backbones/index.js';
import { InputError } from '../../src/errors.js';
import { gradients, input, mul, sum } from '../../src/graph/index.js';
import { readImage } from '../../src/images/read-image.js';
import { packageRoot } from '../../src/package-root.js';
import { Session } from '../../src/runtime/session.js';
import { Random } from '../../src/random.js';
import { testPicture } from './test-picture.js';

const fixtures = fileURLToPath(new URL('../fixtures/backbones', import.meta.url));
const ids = (await listBackbones()).map(({ id }) => id);
const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-backbones-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the registry', () => {
  it('ships the default backbone and the fast one', () => {
    expect(ids).toContain(DEFAULT_BACKBONE);
    expect(ids).toContain('mobilenet_v1_025');
  });

  it('suggests the nearest id and lists all for an unknown one', async () => {
    await expect(loadBackbone('efficientnet_lit0')).rejects.toThrow(
      new InputError(
        `there is no backbone "efficientnet_lit0"; did you mean "efficientnet_lite0"? (known: ${ids.join(', ')}, the timm names that \`featinv models\` lists, or the path of an .onnx file)`,
      ),
    );
  });

  it('suggests the nearest layer and lists all with their shapes', async () => {
    const backbone = await loadBackbone('efficientnet_lite0');
    expect(findLayer(backbone, 'head').shape).toEqual([1280, 7, 7]);
    expect(() => findLayer(backbone, 'haed')).toThrow(InputError);
    expect(() => findLayer(backbone, 'haed')).toThrow(
      /^backbone efficientnet_lite0 has no layer "haed"; did you mean "head"\? \(layers: stem 32x112x112, .*head 1280x7x7\)$/,
    );
    await expect(backbone.open({ layer: 'blocks.99' })).rejects.toThrow('has no layer "blocks.99"');
  });

  it('notices damaged weights', async () => {
    const copy = path.join(directory, 'mobilenet_v1_025');
    const root = path.join(packageRoot(), 'models', 'backbones');
    cpSync(path.join(root, 'mobilenet_v1_025'), copy, { recursive: true });
    cpSync(path.join(root, 'imagenet-labels.json'), path.join(directory, 'imagenet-labels.json'));
    const weights = path.join(copy, 'model.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(weights, bytes);
    await expect(openBuiltInBackbone(copy)).rejects.toThrow(`${weights} is damaged`);
    rmSync(weights);
    await expect(openBuiltInBackbone(copy)).rejects.toThrow(
      `cannot read ${weights}: no such file or directory`,
    );
    writeFileSync(path.join(copy, 'config.json'), '{"schemaVersion":1}');
    await expect(openBuiltInBackbone(copy)).rejects.toThrow(
      `${path.join(copy, 'config.json')}: "id" is missing`,
    );
  });
});

describe.each(ids)('%s', (id) => {
  it('goes on from the map of a layer to the same logits', async () => {
    const backbone = await loadTraceableBackbone(id);
    const images = preprocessPhotograph(testPicture(), backbone.preprocessing);
    const middle = backbone.layers[Math.floor(backbone.layers.length / 2)]!.name;
    for (const layer of [middle, backbone.defaultLayer]) {
      const session = await backbone.open({ layer, threads: 1 });
      const { map, logits } = await session.run(images);
      await session.dispose();
      const shape = [1, ...findLayer(backbone, layer).shape];
      const rest = await Session.compile({
        logits: backbone.logitsFrom(layer, input('map', shape)),
      });
      const again = await rest.run({ map });
      await rest.dispose();
      logits.forEach((value, i) => expect(again.logits[i]).toBeCloseTo(value, 4));
    }
  });

  it('pools its last map and multiplies with its class weights', async () => {
    const backbone = await loadTraceableBackbone(id);
    const { layer, channels, weight, bias } = backbone.classWeights();
    const session = await backbone.open({ layer, threads: 1 });
    const { map, logits } = await session.run(
      preprocessPhotograph(testPicture(), backbone.preprocessing),
    );
    await session.dispose();
    const positions = map.length / channels;
    const pooled = Array.from({ length: channels }, (_, c) =>
      map.subarray(c * positions, (c + 1) * positions).reduce((sum, v) => sum + v / positions, 0),
    );
    expect(bias).toHaveLength(logits.length);
    logits.forEach((value, k) => {
      const row = weight.subarray(k * channels, (k + 1) * channels);
      const product = row.reduce((sum, w, c) => sum + w * pooled[c]!, bias[k]!);
      expect(product).toBeCloseTo(value, 3);
    });
  });

  it('refuses to read logits from a map of another shape', async () => {
    const backbone = await loadTraceableBackbone(id);
    const map = input('map', [1, 3, 7, 7]);
    expect(() => backbone.logitsFrom(backbone.defaultLayer, map)).toThrow('got [1,3,7,7]');
  });

  it('sees images in [-1, 1] at its input size as the normalised ones', async () => {
    const backbone = await loadBackbone(id);
    const inGraph = await backbone.open({ imageSize: [224, 224], threads: 1 });
    const onHost = await backbone.open({ threads: 1 });
    const a = await inGraph.run(normalisePixels(testPicture(), HALF));
    const b = await onHost.run(normalisePixels(testPicture(), backbone.preprocessing));
    await Promise.all([inGraph.dispose(), onHost.dispose()]);
    a.logits.forEach((value, i) => expect(value).toBeCloseTo(b.logits[i]!, 3));
  });

  it('gives each image of a batch what it gives the image alone', async () => {
    const backbone = await loadBackbone(id);
    const images = new Random(1).fillNormal(new Float32Array(2 * 3 * 64 * 64));
    const options = { imageSize: [64, 64], threads: 1 } as const;
    const both = await backbone.open({ ...options, batch: 2 });
    const single = await backbone.open(options);
    const { logits, map } = await both.run(images);
    const second = await single.run(images.subarray(3 * 64 * 64));
    await Promise.all([both.dispose(), single.dispose()]);
    expect(map.length).toBe(2 * second.map.length);
    second.logits.forEach((value, i) => expect(logits[1000 + i]).toBeCloseTo(value, 3));
  });

  it('is differentiable through the resize: a step along the gradient changes a score as predicted', async () => {
    const backbone = await loadTraceableBackbone(id);
    const images = input('images', [1, 3, 64, 64]);
    const { logits } = backbone.traceImages(images);
    const score = sum(mul(logits, input('weights', [1, 1000])));
    const [gradient] = gradients(score, [images]);
    const session = await Session.compile({ score, gradient: gradient! }, { threads: 1 });
    const random = new Random(2);
    const at = random.fillNormal(new Float32Array(3 * 64 * 64)).map((value) => 0.3 * value);
    const weights = random.fillNormal(new Float32Array(1000));
    const { gradient: slope } = await session.run({ images: at, weights });
    const norm = Math.sqrt(slope.reduce((total, value) => total + value * value, 0));
    const step = 0.01;
    const moved = async (sign: number): Promise<number> => {
      const images = at.map((value, i) => value + (sign * step * slope[i]!) / norm);
      return (await session.run({ images, weights })).score[0]!;
    };
    const measured = ((await moved(1)) - (await moved(-1))) / (2 * step);
    await session.dispose();
    expect(norm).toBeGreaterThan(0.1);
    expect(Math.abs(measured / norm - 1)).toBeLessThan(0.03);
  });
});

describe('classify', () => {
  it.each([
    ['efficientnet_lite0', 'coffee.jpg', ['espresso']],
    ['efficientnet_lite0', 'chelsea.jpg', ['tiger cat', 'Egyptian cat', 'tabby, tabby cat']],
    ['mobilenet_v1_025', 'coffee.jpg', ['espresso', 'consomme']],
    ['mobilenet_v1_025', 'chelsea.jpg', ['tiger cat', 'Egyptian cat', 'tabby, tabby cat']],
  ])('%s knows what is on %s', async (id, file, expected) => {
    const image = await readImage(path.join(fixtures, file));
    const top5 = await classify(await loadBackbone(id), image);
    expect(expected).toContain(top5[0]!.label);
    expect(top5).toHaveLength(5);
    const probabilities = top5.map(({ probability }) => probability);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
  });

  it('turns logits into probabilities without overflow', () => {
    expect([...softmax([1000, 1000])]).toEqual([0.5, 0.5]);
    const [first, second] = topPredictions([0, Math.log(3)], ['a', 'b']);
    expect(first).toMatchObject({ index: 1, label: 'b' });
    expect(first!.probability).toBeCloseTo(0.75, 12);
    expect(second).toMatchObject({ index: 0, label: 'a' });
  });
});
