import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadBackbone } from '../../src/backbones/index.js';
import { InputError } from '../../src/errors.js';
import { globalAveragePool, input, relu, softmax, type Tensor } from '../../src/graph/index.js';
import {
  conv2d,
  frozenParameters,
  linear,
  trainableParameters,
  type Parameters,
} from '../../src/nn/index.js';
import { emitModel } from '../../src/onnx/emit.js';
import { inspectModel } from '../../src/onnx/inspect-model.js';
import { ProtobufError } from '../../src/onnx/protobuf-reader.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-onnx-'));
afterAll(() => rmSync(directory, { recursive: true }));

const SIZE = 16;
const OPTIONS = {
  input: { size: SIZE, crop: 1, filter: 'bilinear', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
};

/** A small classifier of 7 classes with two maps, [N, 4, 8, 8] and [N, 6, 4, 4]. */
function smallClassifier(batch: number): { images: Tensor; map: Tensor; logits: Tensor } {
  const initial = trainableParameters(new Map(), 5);
  const trace = (p: Parameters) => {
    const images = input('pixels', [batch, 3, SIZE, SIZE]);
    const first = relu(conv2d(p.scope('one'), images, 4, 3, { stride: 2, padding: 1 }));
    const map = relu(conv2d(p.scope('two'), first, 6, 3, { stride: 2, padding: 1 }));
    return { images, map, logits: linear(p.scope('three'), globalAveragePool(map), 7) };
  };
  trace(initial);
  return trace(frozenParameters(initial.values, 'test'));
}

function write(name: string, model: Uint8Array, options: unknown = OPTIONS): string {
  const file = path.join(directory, `${name}.onnx`);
  writeFileSync(file, model);
  if (options !== null) {
    writeFileSync(path.join(directory, `${name}.json`), JSON.stringify(options));
  }
  return file;
}

const model = (batch = 1, output?: (logits: Tensor) => Tensor): Uint8Array => {
  const { logits } = smallClassifier(batch);
  return emitModel({ scores: output ? output(logits) : logits }).bytes;
};

describe('a user’s .onnx classifier', () => {
  it('offers every map by value and by node name, and gives map and logits', async () => {
    const backbone = await loadBackbone(write('plain', model()));
    const shapes = new Set(backbone.layers.map(({ shape }) => shape.join('x')));
    expect(shapes).toEqual(new Set(['4x8x8', '6x4x4']));
    const value = backbone.layers.findLast(({ name }) => /^v\d+$/.test(name))!;
    expect(backbone.layers).toContainEqual({ name: `Relu:${value.name}`, shape: [6, 4, 4] });
    expect(backbone.labels).toHaveLength(7);

    const images = new Random(3).fillNormal(new Float32Array(3 * SIZE * SIZE));
    const { map, logits } = smallClassifier(1);
    const direct = await Session.compile({ map, logits });
    const expected = await direct.run({ pixels: images });
    const session = await backbone.open({ layer: value.name });
    const found = await session.run(images);
    expect(session.layer).toEqual(value);
    found.map.forEach((each, i) => expect(each).toBeCloseTo(expected.map[i]!, 5));
    found.logits.forEach((each, i) => expect(each).toBeCloseTo(expected.logits[i]!, 5));
    await Promise.all([direct.dispose(), session.dispose()]);
  });

  it('runs a file made for two images on three', async () => {
    const images = new Random(4).fillNormal(new Float32Array(3 * 3 * SIZE * SIZE));
    const two = await (await loadBackbone(write('two', model(2)))).open({ batch: 3 });
    const one = await (await loadBackbone(write('one', model(1)))).open();
    const found = await two.run(images);
    const last = await one.run(images.subarray(2 * 3 * SIZE * SIZE));
    expect(found.map.length).toBe(3 * last.map.length);
    last.logits.forEach((each, i) => expect(found.logits[14 + i]).toBeCloseTo(each, 5));
    await Promise.all([two.dispose(), one.dispose()]);
  });

  it('resizes and normalises images in [-1, 1]', async () => {
    const session = await (
      await loadBackbone(write('resized', model()))
    ).open({ imageSize: [8, 8] });
    const { logits } = await session.run(new Float32Array(3 * 8 * 8));
    expect(logits.every((value) => Number.isFinite(value))).toBe(true);
    await expect(session.run(new Float32Array(5))).rejects.toThrow('was fed 5 values');
    await session.dispose();
  });

  it('takes scores that are probabilities', async () => {
    const options = { ...OPTIONS, scoreKind: 'probabilities' };
    const images = new Random(3).fillNormal(new Float32Array(3 * SIZE * SIZE));
    const backbone = await loadBackbone(write('softmax', model(1, softmax), options));
    const session = await backbone.open();
    const { logits } = await session.run(images);
    expect(logits.reduce((total, value) => total + Math.exp(value), 0)).toBeCloseTo(1, 5);
    await session.dispose();
  });

  it('names classes by a file of labels, which must fit', async () => {
    const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    writeFileSync(path.join(directory, 'names.json'), JSON.stringify({ labels }));
    const options = { ...OPTIONS, labels: 'names.json' };
    expect((await loadBackbone(write('named', model(), options))).labels).toEqual(labels);
    const file = write('wrong', model(), { ...OPTIONS, labels: 'imagenet' });
    await expect(loadBackbone(file)).rejects.toThrow(
      `${path.join(directory, 'wrong.json')} names 1000 classes, ${file} has 7`,
    );
  });

  it('lists the maps when the layer is unknown', async () => {
    const backbone = await loadBackbone(write('unknown', model()));
    await expect(backbone.open({ layer: 'layer4' })).rejects.toThrow(InputError);
    await expect(backbone.open({ layer: 'layer4' })).rejects.toThrow(
      /has no layer "layer4".*\(layers: .*4x8x8, .*6x4x4\)$/,
    );
    const file = write('default', model(), { ...OPTIONS, layer: 'layer4' });
    await expect(loadBackbone(file)).rejects.toThrow('has no layer "layer4"');
  });
});

describe('files that cannot be used', () => {
  it.each<[string, () => string, RegExp]>([
    [
      'missing file',
      () => path.join(directory, 'no.onnx'),
      /^cannot read .*no\.onnx: no such file/,
    ],
    [
      'no options',
      () => write('bare', model(), null),
      /bare\.onnx needs .*bare\.json beside it, which says how pictures are fed, such as \{"input"/,
    ],
    [
      'wrong options',
      () => write('options', model(), { input: { ...OPTIONS.input, crop: 2 } }),
      /options\.json: "input\.crop" must be at most 1, got 2/,
    ],
    [
      'unknown option',
      () => write('extra', model(), { ...OPTIONS, leyer: 'x' }),
      /extra\.json: "leyer" is not a field, did you mean "layer"\?/,
    ],
    [
      'another size',
      () => write('size', model(), { input: { ...OPTIONS.input, size: 32 } }),
      /input pixels has shape \[1,3,16,16\], but pictures are fed as \[N,3,32,32\]/,
    ],
    [
      'two inputs',
      () =>
        write(
          'inputs',
          emitModel({ scores: linear(trainableParameters(new Map(), 1), input('x', [1, 4]), 2) })
            .bytes,
        ),
      /must have one input, the picture; it has x, weight, bias/,
    ],
    [
      'no scores',
      () => write('scores', emitModel({ map: smallClassifier(1).map }).bytes),
      /has no output of shape \[N,classes\]; name the value that holds the scores as "scores"/,
    ],
    [
      'unknown scores',
      () => write('named-scores', model(), { ...OPTIONS, scores: 'logits' }),
      /has no value "logits" of shape \[N,classes\]; it has .*scores/,
    ],
    ['not ONNX', () => write('text', Buffer.from('no model')), /text\.onnx is not an ONNX model: /],
    [
      'empty',
      () => write('empty', new Uint8Array(0)),
      /empty\.onnx is not an ONNX model: there is no graph/,
    ],
  ])('%s', async (_, make, message) => {
    const file = make();
    await expect(loadBackbone(file)).rejects.toThrow(InputError);
    await expect(loadBackbone(file)).rejects.toThrow(message);
  });

  it('is told apart from a model at every truncation', async () => {
    const bytes = model();
    for (const share of [0.1, 0.5, 0.9, 0.99]) {
      const file = write('cut', bytes.subarray(0, Math.floor(bytes.length * share)));
      await expect(loadBackbone(file)).rejects.toThrow(InputError);
    }
  });

  it('reads any bytes as a model or throws ProtobufError', () => {
    const bytes = model();
    const tryInspect = (broken: Uint8Array): void => {
      try {
        inspectModel(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), tryInspect));
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        tryInspect(bytes.with(at, value));
      }),
      { numRuns: 300 },
    );
  });
});
