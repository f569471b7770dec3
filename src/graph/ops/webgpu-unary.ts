/** Emissions of elementwise functions for the WebGPU provider, where its own kernels do not do. */
import type { Emitter } from '../op.js';
import { FLOAT } from './cast-ops.js';

/** ONNX nodes with one output each, as nested calls. */
function expressions(e: Emitter) {
  const call = (onnx: string, ...operands: (string | number)[]): string => {
    const output = e.temporary();
    e.node(onnx, operands.map(named), {}, { outputs: [output] });
    return output;
  };
  const named = (operand: string | number): string =>
    typeof operand === 'number' ? e.constant(Float32Array.of(operand), []) : operand;
  const finish = (onnx: string, ...operands: string[]): void => e.node(onnx, operands);
  return { call, finish };
}

/** (x > 0) - (x < 0): there is no kernel for Sign. */
export function emitSign(e: Emitter): void {
  const { call, finish } = expressions(e);
  const [above, below] = ['Greater', 'Less'].map((comparison) => {
    const output = e.temporary();
    e.node('Cast', [call(comparison, e.inputs[0]!, 0)], { to: FLOAT }, { outputs: [output] });
    return output;
  });
  finish('Sub', above!, below!);
}

/** π in three parts, the first two short enough for exact products with small whole numbers (Cephes). */
const PI_PARTS = [3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7];

/** Coefficients of r² in sin(r) / r and cos(r), for |r| ≤ π / 2 within 1e-7. */
const SERIES = {
  sin: [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800],
  cos: [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600],
};

/**
 * Sine or cosine of angles up to some thousands. WGSL promises an absolute error of 2⁻¹¹ between -π and
 * π and nothing beyond; timestep embeddings need angles up to 1000.
 */
export function emitPeriodic(name: keyof typeof SERIES): (e: Emitter) => void {
  return (e) => {
    const { call, finish } = expressions(e);
    const x = e.inputs[0]!;
    const turns = call('Floor', call('Add', call('Mul', x, 1 / Math.PI), 0.5));
    const r = PI_PARTS.reduce((rest, part) => call('Sub', rest, call('Mul', turns, part)), x);
    const square = call('Mul', r, r);
    const series = SERIES[name].map((c): string | number => c);
    const even = series.reduceRight((sum, c) => call('Add', call('Mul', square, sum), c)) as string;
    const value = name === 'sin' ? call('Mul', r, even) : even;
    // Each half turn changes the sign: 1 - 2 (turns mod 2).
    const odd = call('Sub', turns, call('Mul', call('Floor', call('Mul', turns, 0.5)), 2));
    finish('Mul', value, call('Sub', 1, call('Mul', odd, 2)));
  };
}
