/** Classifiers that PyTorch exported (reference/onnx), traced, and run by ONNX Runtime itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { input, type Tensor } from '../../../src/graph/index.js';
import { readOnnxModel } from '../../../src/onnx/import/onnx-model.js';
import { traceModel } from '../../../src/onnx/import/trace-model.js';

export const FIXTURES = fileURLToPath(new URL('../../fixtures/onnx/', import.meta.url));
export const SIZE = 32;
export const PIXELS = 3 * SIZE * SIZE;
export const CLASSES = 6;

export const fixtureNames = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -'.onnx'.length));

export interface Reference {
  readonly opset: number;
  readonly anyBatch: boolean;
  /** Of one picture, in float64. */
  readonly logits: readonly number[];
  /** Of Σ weights · logits by the picture: evenly spaced values, and the largest magnitude of all. */
  readonly gradient: { readonly largest: number; readonly samples: readonly number[] };
}

export const fixtureBytes = (name: string): Uint8Array => readFileSync(`${FIXTURES}${name}.onnx`);

export const readReference = (name: string): Reference =>
  JSON.parse(readFileSync(`${FIXTURES}${name}.reference.json`, 'utf8')) as Reference;

/** The scores [batch, classes] of traced pictures. */
export function traceFixture(name: string, batch: number): { pixels: Tensor; scores: Tensor } {
  const pixels = input('pixels', [batch, 3, SIZE, SIZE]);
  const model = readOnnxModel(fixtureBytes(name), FIXTURES);
  return { pixels, scores: traceModel(model, new Map([['pixels', pixels]])).require('scores') };
}

/** The scores by ONNX Runtime on the original file. */
export async function runOriginal(
  model: Uint8Array,
): Promise<{ scores: (pixels: Float32Array) => Promise<Float32Array>; release(): Promise<void> }> {
  const session = await ort.InferenceSession.create(model, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const scores = async (pixels: Float32Array): Promise<Float32Array> => {
    const shape = [pixels.length / PIXELS, 3, SIZE, SIZE];
    const result = await session.run({ pixels: new ort.Tensor('float32', pixels, shape) });
    return result['scores']!.data as Float32Array;
  };
  return { scores, release: () => session.release() };
}

/** max |a − b| / max |b|, or max |a − b| where b is zero. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = (values: number[]): number => Math.max(...values.map(Math.abs));
  const differences = Array.from(expected, (value, i) => value - found[i]!);
  return largest(differences) / (largest(Array.from(expected)) || 1);
}
