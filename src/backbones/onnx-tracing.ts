/** The graph of a user's .onnx file as part of other graphs. */
import { dirname, resolve } from 'node:path';
import { InputError } from '../errors.js';
import {
  concat,
  constant,
  input,
  log,
  maximum,
  sameShape,
  show,
  sizeOf,
  slice,
  type Tensor,
} from '../graph/index.js';
import { readOnnxModel } from '../onnx/import/onnx-model.js';
import { traceModel } from '../onnx/import/trace-model.js';
import type { Backbone, TraceableBackbone, TracedBackbone } from './backbone.js';
import { linearHead } from './linear-head.js';
import { logitsFrom } from './logits-from.js';
import { LEAST_PROBABILITY, type OnnxFile } from './onnx-session.js';
import { traceInput } from './preprocess.js';

type Tracing = Pick<TraceableBackbone, 'trace' | 'traceImages' | 'logitsFrom' | 'classWeights'>;

/**
 * What makes a file's backbone traceable, or the reason why it is not: the first node that cannot be
 * translated. `values` are the names of the layers' values.
 */
export function traceOnnxFile(
  file: OnnxFile,
  backbone: Backbone,
  values: ReadonlyMap<string, string>,
): Tracing | Pick<Backbone, 'untraceable'> {
  const { path, fixedBatch } = file;
  const { preprocessing } = backbone;
  const { size } = preprocessing;
  try {
    const model = readOnnxModel(file.bytes, dirname(resolve(path)));
    const traceTogether = (images: Tensor): TracedBackbone => {
      const traced = traceModel(model, new Map([[file.inputName, images]]));
      const taps = [...values].map(([layer, value]) => [layer, traced.require(value)] as const);
      return { taps: new Map(taps), logits: asLogits(file, traced.require(file.scoresName)) };
    };
    const trial = traceTogether(input('images', [fixedBatch ?? 1, 3, size, size]));
    checkShapes(file, backbone, trial);
    const trace = (images: Tensor): TracedBackbone => joined(images, fixedBatch, traceTogether);
    return {
      trace,
      traceImages: (images) => trace(traceInput(images, preprocessing)),
      logitsFrom: (layer, map) => {
        const parts = partsOf(map, fixedBatch);
        const logits = parts.map((part) => logitsFrom(backbone, traceTogether, layer, part));
        return firstOf(concat(logits, 0), map.dim(0));
      },
      classWeights: () => linearHead(file, backbone, trial),
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { untraceable: `${path} cannot be differentiated: ${error.message}` };
  }
}

function asLogits({ options }: OnnxFile, scores: Tensor): Tensor {
  return options.scoreKind === 'logits' ? scores : log(maximum(scores, LEAST_PROBABILITY));
}

/** The traced shapes must be those that ONNX Runtime computes. */
function checkShapes({ path, classes }: OnnxFile, { layers }: Backbone, traced: TracedBackbone) {
  const batch = traced.logits.dim(0);
  const expected: [string, Tensor, readonly number[]][] = layers.map(({ name, shape }) => [
    ...([name, traced.taps.get(name)!] as const),
    [batch, ...shape],
  ]);
  expected.push(['the scores', traced.logits, [batch, classes]]);
  const wrong = expected.find(([, { shape }, given]) => !sameShape(shape, given));
  if (wrong === undefined) return;
  const [name, { shape }, given] = wrong;
  throw new InputError(
    `${path}: ${name} is traced with shape ${show(shape)}, ONNX Runtime computes ${show(given)}`,
  );
}

/** A file made for a fixed number of pictures is traced as often as needed, the last time padded. */
function joined(
  images: Tensor,
  fixedBatch: number | undefined,
  trace: (images: Tensor) => TracedBackbone,
): TracedBackbone {
  const count = images.dim(0);
  const traced = partsOf(images, fixedBatch).map(trace);
  const join = (part: (one: TracedBackbone) => Tensor): Tensor =>
    firstOf(concat(traced.map(part), 0), count);
  const names = [...traced[0]!.taps.keys()];
  return {
    taps: new Map(names.map((name) => [name, join(({ taps }) => taps.get(name)!)])),
    logits: join(({ logits }) => logits),
  };
}

/** Equal parts along the first axis; zeros fill the last one. */
function partsOf(x: Tensor, size: number | undefined): Tensor[] {
  const count = x.dim(0);
  if (size === undefined || size === count) return [x];
  const parts: Tensor[] = [];
  for (let start = 0; start < count; start += size) {
    const end = Math.min(start + size, count);
    const part = slice(x, [{ axis: 0, start, end }]);
    const missing = [size - (end - start), ...x.shape.slice(1)];
    const filled =
      missing[0] === 0 ? [part] : [part, constant(new Float32Array(sizeOf(missing)), missing)];
    parts.push(concat(filled, 0));
  }
  return parts;
}

const firstOf = (x: Tensor, count: number): Tensor => slice(x, [{ axis: 0, start: 0, end: count }]);
