/**
 * A user's own classifier: an .onnx file with `NAME.json` beside it that says how pictures are fed. Any
 * value of its graph with shape [N, C, H, W] is a layer, by the value's name or its node's. Where its ops
 * are known, its graph can be part of another one.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';
import { inspectModel, withOutputs, type ModelSummary } from '../onnx/inspect-model.js';
import { ProtobufError } from '../onnx/protobuf-reader.js';
import type { Backbone, LayerInfo } from './backbone.js';
import { findLayer } from './find-layer.js';
import { onnxLabels, optionsPathOf, readOnnxOptions, type OnnxOptions } from './onnx-options.js';
import { createSession, openOnnxSession, runSession, type OnnxFile } from './onnx-session.js';
import { traceOnnxFile } from './onnx-tracing.js';

/** Opens an .onnx classifier. Throws InputError for a file that is none, or cannot be used. */
export async function openOnnxBackbone(path: string): Promise<Backbone> {
  const bytes = await readModel(path);
  const options = await readOnnxOptions(path);
  const summary = inspect(path, bytes);
  const fed = imageInput(path, summary, options.input.size);
  const probe = await probeValues(path, bytes, summary, fed, options.input.size);
  const { layers, values } = mapsOf(summary, probe, fed.batch ?? 1);
  const last = layers.at(-1);
  if (last === undefined) {
    throw new InputError(
      `${path} has no map, a float32 value of shape [N,C,H,W] with more than one position`,
    );
  }
  const scoresName = scoresOf(path, options, summary, probe);
  const classes = probe.get(scoresName)![1]!;
  const file: OnnxFile = {
    ...{ path, bytes, options, scoresName, classes },
    inputName: fed.name,
    fixedBatch: fed.batch,
  };
  const named = { id: path, layers };
  const backbone: Backbone = {
    ...named,
    title: path,
    preprocessing: options.input,
    files: [path, optionsPathOf(path), ...summary.files.map((file) => join(dirname(path), file))],
    defaultLayer: options.layer === undefined ? last.name : findLayer(named, options.layer).name,
    labels: await onnxLabels(path, options, classes),
    open: async (opened = {}) => {
      const layer = findLayer(named, opened.layer ?? options.layer ?? last.name);
      return openOnnxSession(file, layer, values.get(layer.name)!, opened);
    },
  };
  return { ...backbone, ...traceOnnxFile(file, backbone, values) };
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
    const results = await runSession(path, session, fed.name, picture, shape);
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
