/** A user's .onnx file in ONNX Runtime as it is: what classifying and extracting maps need. */
import { dirname, resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { errorMessage, InputError, WorkError } from '../errors.js';
import { input } from '../graph/index.js';
import { inspectModel, withOutputs } from '../onnx/inspect-model.js';
import { Session } from '../runtime/session.js';
import type { BackboneSession, LayerInfo, OpenOptions } from './backbone.js';
import type { OnnxOptions } from './onnx-options.js';
import { traceInput } from './preprocess.js';

/** What all sessions and graphs of one file share. */
export interface OnnxFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly options: OnnxOptions;
  readonly inputName: string;
  /** Pictures of one run, where the file fixes it. */
  readonly fixedBatch: number | undefined;
  readonly scoresName: string;
  readonly classes: number;
}

/** The least probability whose logarithm is taken. */
export const LEAST_PROBABILITY = 1e-30;

/** A session that gives the map of one value, and the scores. */
export async function openOnnxSession(
  file: OnnxFile,
  layer: LayerInfo,
  value: string,
  options: OpenOptions,
): Promise<BackboneSession> {
  const { path, classes } = file;
  const { batch = 1, imageSize } = options;
  const { size } = file.options.input;
  const prepare = imageSize === undefined ? undefined : await compileInput(file, options);
  const summary = inspectModel(file.bytes);
  const listed = new Set(summary.outputs.map(({ name }) => name));
  const extra = [...new Set([value, file.scoresName])].filter((name) => !listed.has(name));
  const session = await createSession(path, withOutputs(file.bytes, extra), options);
  const part = file.fixedBatch ?? batch;
  const pixels = 3 * size * size;
  const mapSize = layer.shape.reduce((a, b) => a * b);

  return {
    layer,
    async run(images) {
      const inputs = prepare === undefined ? images : (await prepare.run({ images })).normalised;
      if (inputs.length !== batch * pixels) {
        throw new WorkError(`${path} was fed ${inputs.length} values instead of ${batch * pixels}`);
      }
      const map = new Float32Array(batch * mapSize);
      const logits = new Float32Array(batch * classes);
      // A file made for a fixed number of images is run as often as needed, the last time padded.
      for (let first = 0; first < batch; first += part) {
        const fed = new Float32Array(part * pixels);
        fed.set(inputs.subarray(first * pixels, Math.min(first + part, batch) * pixels));
        const shape = [part, 3, size, size];
        const found = await runSession(path, session, file.inputName, fed, shape);
        const count = Math.min(part, batch - first);
        map.set(floats(found, value).subarray(0, count * mapSize), first * mapSize);
        const scores = floats(found, file.scoresName).subarray(0, count * classes);
        logits.set(asLogits(file.options, scores), first * classes);
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
  if (scoreKind === 'logits') return scores;
  return scores.map((p) => Math.log(Math.max(p, LEAST_PROBABILITY)));
}

/** Resizes and normalises images in [-1, 1] as the traced backbones do. */
function compileInput(
  { options }: OnnxFile,
  { batch = 1, imageSize, threads }: OpenOptions,
): Promise<Session<'normalised'>> {
  const images = input('images', [batch, 3, ...imageSize!]);
  return Session.compile(
    { normalised: traceInput(images, options.input) },
    threads === undefined ? {} : { threads },
  );
}

/** Throws InputError for a model that ONNX Runtime does not take. */
export async function createSession(
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

/** Runs a model on its only input. Throws InputError where it fails. */
export async function runSession(
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
