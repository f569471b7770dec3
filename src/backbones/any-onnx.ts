/**
 * A user's own classifier: an .onnx file with `NAME.json` beside it that says how pictures are fed. Any
 * value of its graph with shape [N, C, H, W] is a layer, by the value's name or its node's.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { z } from 'zod';
import { errorMessage, InputError, WorkError } from '../errors.js';
import { fileErrorReason } from '../files.js';
import { input } from '../graph/index.js';
import { inspectModel, withOutputs, type ModelSummary } from '../onnx/inspect-model.js';
import { ProtobufError } from '../onnx/protobuf-reader.js';
import { packageRoot } from '../package-root.js';
import { Session } from '../runtime/session.js';
import { readConfig } from '../parse-config.js';
import { preprocessingSchema, readLabels } from './backbone-config.js';
import type { Backbone, BackboneSession, LayerInfo, OpenOptions } from './backbone.js';
import { findLayer } from './find-layer.js';
import { traceInput } from './preprocess.js';

const optionsSchema = z.strictObject({
  input: preprocessingSchema,
  /** The layer that is used where none is asked for; default: the last map. */
  layer: z.string().optional(),
  /** Name of the output with one score per class; default: the first output of shape [N, classes]. */
  scores: z.string().optional(),
  /** What the scores are. */
  scoreKind: z.enum(['logits', 'probabilities']).default('logits'),
  /** `imagenet`, or the path of a JSON file `{"labels": […]}` relative to the options file. */
  labels: z.string().optional(),
});

type OnnxOptions = z.infer<typeof optionsSchema>;

/** The options that a message shows to somebody who has none. */
const EXAMPLE =
  '{"input":{"size":224,"crop":0.875,"filter":"bicubic","mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]},"labels":"imagenet"}';

/** What all sessions of one file share. */
interface OnnxModel {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly options: OnnxOptions;
  readonly inputName: string;
  /** Images of one run, where the file fixes it. */
  readonly fixedBatch: number | undefined;
  readonly scoresName: string;
}

/** Opens an .onnx classifier. Throws InputError for a file that is none, or cannot be used. */
export async function openOnnxBackbone(path: string): Promise<Backbone> {
  const bytes = await readModel(path);
  const optionsPath = path.replace(/\.onnx$/i, '.json');
  if (!existsSync(optionsPath)) {
    throw new InputError(
      `${path} needs ${optionsPath} beside it, which says how pictures are fed, such as ${EXAMPLE}`,
    );
  }
  const options = await readConfig(optionsSchema, optionsPath);
  const summary = inspect(path, bytes);
  const fed = imageInput(path, summary, options.input.size);
  const probe = await probeValues(path, bytes, summary, fed, options.input.size);
  const { layers, values } = mapsOf(summary, probe, fed.batch ?? 1);
  const last = layers.at(-1);
  if (last === undefined)
    throw new InputError(
      `${path} has no map, a float32 value of shape [N,C,H,W] with more than one position`,
    );
  const scoresName = scoresOf(path, options, summary, probe);
  const model: OnnxModel = {
    path,
    bytes,
    options,
    inputName: fed.name,
    fixedBatch: fed.batch,
    scoresName,
  };
  const labels = await labelsOf(optionsPath, options);
  const classes = probe.get(scoresName)![1]!;
  if (labels.length > 0 && labels.length !== classes) {
    throw new InputError(`${optionsPath} names ${labels.length} classes, ${path} has ${classes}`);
  }
  const named = { id: path, layers };
  return {
    ...named,
    title: path,
    preprocessing: options.input,
    defaultLayer: options.layer === undefined ? last.name : findLayer(named, options.layer).name,
    labels: labels.length > 0 ? labels : Array.from({ length: classes }, (_, i) => `class ${i}`),
    open: async (opened = {}) => {
      const layer = findLayer(named, opened.layer ?? options.layer ?? last.name);
      return openSession(model, layer, values.get(layer.name)!, classes, opened);
    },
  };
}

async function readModel(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${fileErrorReason(error)}`, { cause: error });
  }
}

function inspect(path: string, bytes: Uint8Array): ModelSummary {
  try {
    return inspectModel(bytes);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new InputError(`${path} is not an ONNX model: ${error.message}`, { cause: error });
  }
}

/** The only input, checked to take RGB planes of the stated size. */
function imageInput(
  path: string,
  { inputs }: ModelSummary,
  size: number,
): { name: string; batch: number | undefined } {
  const [only, second] = inputs;
  if (only === undefined || second !== undefined) {
    const names = inputs.map(({ name }) => name).join(', ') || 'none';
    throw new InputError(`${path} must have one input, the picture; it has ${names}`);
  }
  const shape = only.shape ?? [];
  const expected = [undefined, 3, size, size];
  const fits =
    shape.length === 4 &&
    shape.every((given, axis) => given === undefined || (expected[axis] ?? given) === given);
  if (!fits) {
    const given = shape.map((each) => each ?? '?').join(',');
    throw new InputError(
      `${path}: input ${only.name} has shape [${given}], but pictures are fed as [N,3,${size},${size}]; export with channels first and set input.size to the model's`,
    );
  }
  return { name: only.name, batch: shape[0] };
}

/** Shapes of all float values, measured by one run on a grey picture. */
async function probeValues(
  path: string,
  bytes: Uint8Array,
  summary: ModelSummary,
  fed: { name: string; batch: number | undefined },
  size: number,
): Promise<Map<string, readonly number[]>> {
  const known = new Set(summary.outputs.map(({ name }) => name));
  const inner = summary.nodes.flatMap(({ outputs }) => outputs).filter((name) => !known.has(name));
  const session = await createSession(path, withOutputs(bytes, inner), {});
  try {
    const shape = [fed.batch ?? 1, 3, size, size];
    const picture = new Float32Array(shape.reduce((a, b) => a * b));
    const results = await run(path, session, fed.name, picture, shape);
    const floats = Object.entries(results).filter(([, value]) => value.type === 'float32');
    return new Map(floats.map(([name, { dims }]) => [name, dims]));
  } finally {
    await session.release();
  }
}

/** Values of rank 4, by their node's name where it has one, else their own; in the order of the graph. */
function mapsOf(
  { nodes }: ModelSummary,
  probe: ReadonlyMap<string, readonly number[]>,
  batch: number,
): { layers: LayerInfo[]; values: Map<string, string> } {
  const layers: LayerInfo[] = [];
  const values = new Map<string, string>();
  for (const node of nodes) {
    for (const value of node.outputs) {
      const shape = probe.get(value);
      if (shape?.length !== 4) continue;
      const [images, channels, height, width] = shape as [number, number, number, number];
      // Computed weights have rank 4 too; a pooled vector has no positions left.
      if (images !== batch || height * width === 1) continue;
      const names = node.outputs.length === 1 && node.name !== '' ? [value, node.name] : [value];
      for (const name of names) {
        if (values.has(name)) continue;
        values.set(name, value);
        layers.push({ name, shape: [channels, height, width] });
      }
    }
  }
  return { layers, values };
}

function scoresOf(
  path: string,
  { scores }: OnnxOptions,
  { outputs }: ModelSummary,
  probe: ReadonlyMap<string, readonly number[]>,
): string {
  if (scores !== undefined) {
    if (probe.get(scores)?.length === 2) return scores;
    const known = [...probe].filter(([, { length }]) => length === 2).map(([name]) => name);
    throw new InputError(
      `${path} has no value "${scores}" of shape [N,classes]; it has ${known.join(', ') || 'none'}`,
    );
  }
  const first = outputs.find(({ name }) => probe.get(name)?.length === 2);
  if (first) return first.name;
  throw new InputError(
    `${path} has no output of shape [N,classes]; name the value that holds the scores as "scores"`,
  );
}

async function labelsOf(optionsPath: string, { labels }: OnnxOptions): Promise<readonly string[]> {
  if (labels === undefined) return [];
  return readLabels(
    labels === 'imagenet'
      ? join(packageRoot(), 'models', 'backbones', 'imagenet-labels.json')
      : resolve(dirname(optionsPath), labels),
  );
}

async function openSession(
  model: OnnxModel,
  layer: LayerInfo,
  value: string,
  classes: number,
  options: OpenOptions,
): Promise<BackboneSession> {
  const { batch = 1, imageSize } = options;
  const { size } = model.options.input;
  const prepare = imageSize === undefined ? undefined : await compileInput(model, options);
  const summary = inspectModel(model.bytes);
  const listed = new Set(summary.outputs.map(({ name }) => name));
  const extra = [...new Set([value, model.scoresName])].filter((name) => !listed.has(name));
  const session = await createSession(model.path, withOutputs(model.bytes, extra), options);
  const part = model.fixedBatch ?? batch;
  const pixels = 3 * size * size;
  const mapSize = layer.shape.reduce((a, b) => a * b);

  return {
    layer,
    async run(images) {
      const inputs = prepare === undefined ? images : (await prepare.run({ images })).normalised;
      if (inputs.length !== batch * pixels) {
        throw new WorkError(
          `${model.path} was fed ${inputs.length} values instead of ${batch * pixels}`,
        );
      }
      const map = new Float32Array(batch * mapSize);
      const logits = new Float32Array(batch * classes);
      // A file made for a fixed number of images is run as often as needed, the last time padded.
      for (let first = 0; first < batch; first += part) {
        const fed = new Float32Array(part * pixels);
        fed.set(inputs.subarray(first * pixels, Math.min(first + part, batch) * pixels));
        const shape = [part, 3, size, size];
        const found = await run(model.path, session, model.inputName, fed, shape);
        const count = Math.min(part, batch - first);
        map.set(floats(found, value).subarray(0, count * mapSize), first * mapSize);
        const scores = floats(found, model.scoresName).subarray(0, count * classes);
        logits.set(asLogits(model.options, scores), first * classes);
      }
      return { map, logits };
    },
    async dispose() {
      await prepare?.dispose();
      await session.release();
    },
  };
}

function asLogits({ scoreKind }: OnnxOptions, scores: Float32Array): Float32Array {
  return scoreKind === 'logits' ? scores : scores.map((p) => Math.log(Math.max(p, 1e-30)));
}

/** Resizes and normalises images in [-1, 1] as the traced backbones do. */
function compileInput(
  { options }: OnnxModel,
  { batch = 1, imageSize, threads }: OpenOptions,
): Promise<Session<'normalised'>> {
  const images = input('images', [batch, 3, ...imageSize!]);
  return Session.compile(
    { normalised: traceInput(images, options.input) },
    threads === undefined ? {} : { threads },
  );
}

async function createSession(
  path: string,
  model: Uint8Array,
  { threads, device = 'cpu' }: OpenOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: [device],
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      extra: { session: { model_external_initializers_file_folder_path: dirname(resolve(path)) } },
    });
  } catch (error) {
    throw new InputError(`${path} cannot be loaded by ONNX Runtime: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function run(
  path: string,
  session: ort.InferenceSession,
  name: string,
  values: Float32Array,
  shape: readonly number[],
): Promise<ort.InferenceSession.ReturnType> {
  try {
    return await session.run({ [name]: new ort.Tensor('float32', values, shape) });
  } catch (error) {
    throw new InputError(`${path} fails on a picture: ${errorMessage(error)}`, { cause: error });
  }
}

function floats(results: ort.InferenceSession.ReturnType, name: string): Float32Array {
  return results[name]!.data as Float32Array;
}
