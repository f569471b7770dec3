/** Compares a traced function's values and gradients across the interpreter and ONNX Runtime. */
import * as ort from 'onnxruntime-node';
import { constant, gradients, input, mul, sizeOf, sum } from '../../src/graph/index.js';
import type { Shape, Tensor } from '../../src/graph/index.js';
import { emitModel } from '../../src/onnx/emit.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';
import { evaluate } from './interpreter.js';

/** How operands are drawn, so that no element lies on a kink or a pole. */
export type Domain =
  | 'normal' // N(0, 1)
  | 'positive' // [0.5, 2]
  | 'awayFromZero' // ±[0.3, 1.5]
  | 'distinct'; // odd multiples of 0.05 around 0, all different across the operands

export type OperandValues = Record<string, Float32Array>;

/** Operands `x0`, `x1`, … of the given shapes as graph inputs, their names after a prefix. */
export function operands(shapes: readonly Shape[], prefix = ''): Tensor[] {
  return shapes.map((shape, i) => input(`${prefix}x${i}`, shape));
}

/** Values for `operands` of the same prefix, which is also the seed. */
export function drawOperands(shapes: readonly Shape[], domain: Domain, prefix = ''): OperandValues {
  const random = new Random(prefix);
  const sizes = shapes.map(sizeOf);
  const total = sizes.reduce((a, b) => a + b, 0);
  const shuffled = Array.from({ length: total }, (_, i) => i);
  for (let i = total - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  const draw: Record<Domain, () => number> = {
    normal: () => random.normal(),
    positive: () => 0.5 + 1.5 * random.uniform(),
    awayFromZero: () => (random.uniform() < 0.5 ? -1 : 1) * (0.3 + 1.2 * random.uniform()),
    distinct: () => 0.1 * (shuffled.pop()! - Math.floor(total / 2)) + 0.05,
  };
  return Object.fromEntries(
    sizes.map((size, i) => [`${prefix}x${i}`, Float32Array.from({ length: size }, draw[domain])]),
  );
}

/** A loss whose derivative by every element of `y` differs. */
export function weighted(y: Tensor): Tensor {
  const weights = new Random('weights').fillNormal(new Float32Array(sizeOf(y.shape)));
  return sum(mul(y, constant(weights, y.shape)));
}

/** The gradient graph of `loss`, evaluated in float64. */
export function interpretGradients(
  loss: Tensor,
  wrt: readonly Tensor[],
  values: OperandValues,
): Float64Array[] {
  return evaluate(gradients(loss, wrt), values).map(({ data }) => data);
}

const STEP = 1e-5;

/** Central differences of the interpreted loss by every element of one operand. */
export function centralDifferences(
  loss: Tensor,
  operand: Tensor,
  values: OperandValues,
): Float64Array {
  const name = operand.source.kind === 'input' ? operand.source.name : '';
  const at = Float64Array.from(values[name]!);
  const lossWith = (): number => evaluate([loss], { ...values, [name]: at })[0]!.data[0]!;
  return Float64Array.from(at, (centre, i) => {
    at[i] = centre + STEP;
    const above = lossWith();
    at[i] = centre - STEP;
    const below = lossWith();
    at[i] = centre;
    return (above - below) / (2 * STEP);
  });
}

/** Runs a graph in ONNX Runtime on the CPU. */
export async function runOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  values: OperandValues,
): Promise<Record<string, Float32Array>> {
  const session = await Session.compile(outputs, { threads: 1 });
  const results = await session.run(values);
  await session.dispose();
  return results;
}

/** The same, with the nodes that are emitted for another device: standard ops only. */
export async function runPortable(
  outputs: Readonly<Record<string, Tensor>>,
  values: OperandValues,
): Promise<Record<string, ArrayLike<number>>> {
  const { bytes, inputs } = emitModel(outputs, 'webgpu');
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    [...inputs].map(([name, { shape }]) => [name, new ort.Tensor('float32', values[name]!, shape)]),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.keys(outputs).map((name) => [name, results[name]!.data as Float32Array]),
  );
}

/**
 * Throws unless every element is within `tolerance` times the largest expected magnitude, or times
 * `smallestScale` where all are smaller: a gradient that cancels to zero has rounding errors all the same.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'value',
  smallestScale = 1e-3,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} elements instead of ${expected.length}`);
  }
  const scale = Array.from(expected).reduce((top, v) => Math.max(top, Math.abs(v)), smallestScale);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= tolerance * scale)) {
      throw new Error(
        `${what}[${i}]: ${actual[i]} instead of ${expected[i]}, off by ${(error / scale).toExponential(1)} of the largest magnitude ${scale}; allowed is ${tolerance}`,
      );
    }
  }
}
