/** Elementwise functions of one tensor. */
import { applyOne, type Op } from '../op.js';
import type { Tensor } from '../tensor.js';
import { add, clamp, div, greater, mul, sub } from './binary-ops.js';
import { castFloat } from './cast-ops.js';
import { emitPeriodic, emitSign } from './webgpu-unary.js';

type NoAttributes = Record<string, never>;

/**
 * Builds an op from its derivative: dx as a function of x, y = f(x) and dy. `webgpu` replaces an ONNX op
 * whose kernel is missing or too coarse there.
 */
function unary(
  name: string,
  onnx: string,
  derivative: (x: Tensor, y: Tensor, dy: Tensor) => Tensor,
  webgpu: Op<NoAttributes>['emit'] = (e) => e.node(onnx, e.inputs),
): Op<NoAttributes> {
  return {
    name,
    infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
    gradient: ({ inputs: [x], outputs: [y], gradient }) => [derivative(x!, y!, gradient)],
    emit: (e) => (e.device === 'webgpu' ? webgpu(e, {}) : e.node(onnx, e.inputs)),
  };
}

/** ONNX Runtime's kernel overwrites its operand where nobody else reads that. */
const inPlace = (op: Op<NoAttributes>): Op<NoAttributes> => ({ ...op, storage: 'in place' });

export const negOp = unary('neg', 'Neg', (_x, _y, dy) => neg(dy));
export const expOp = unary('exp', 'Exp', (_x, y, dy) => mul(dy, y));
export const logOp = unary('log', 'Log', (x, _y, dy) => div(dy, x));
// d sqrt(x) = 1 / (2 sqrt(x))
export const sqrtOp = unary('sqrt', 'Sqrt', (_x, y, dy) => div(mul(dy, 0.5), y));
// The derivative of |x| at 0 is taken as 0.
export const absOp = unary('abs', 'Abs', (x, _y, dy) => mul(dy, sign(x)));
// The sign is locally constant: its gradient is zero.
export const signOp = unary('sign', 'Sign', (_x, _y, dy) => mul(dy, 0), emitSign);
export const sinOp = unary('sin', 'Sin', (x, _y, dy) => mul(dy, cos(x)), emitPeriodic('sin'));
export const cosOp = unary('cos', 'Cos', (x, _y, dy) => neg(mul(dy, sin(x))), emitPeriodic('cos'));
// d tanh = 1 - y²
export const tanhOp = inPlace(unary('tanh', 'Tanh', (_x, y, dy) => mul(dy, sub(1, mul(y, y)))));
// d σ = y (1 - y)
export const sigmoidOp = inPlace(
  unary('sigmoid', 'Sigmoid', (_x, y, dy) => mul(dy, mul(y, sub(1, y)))),
);
// d erf = 2/√π · exp(-x²)
export const erfOp = unary('erf', 'Erf', (x, _y, dy) =>
  mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
);
// The derivative of ReLU at 0 is taken as 0.
export const reluOp = inPlace(
  unary('relu', 'Relu', (_x, y, dy) => mul(dy, castFloat(greater(y, 0)))),
);

const apply1 = (op: Op<NoAttributes>, x: Tensor): Tensor => applyOne(op, [x], {});

export const neg = (x: Tensor): Tensor => apply1(negOp, x);
export const exp = (x: Tensor): Tensor => apply1(expOp, x);
export const log = (x: Tensor): Tensor => apply1(logOp, x);
export const sqrt = (x: Tensor): Tensor => apply1(sqrtOp, x);
export const abs = (x: Tensor): Tensor => apply1(absOp, x);
export const sign = (x: Tensor): Tensor => apply1(signOp, x);
export const sin = (x: Tensor): Tensor => apply1(sinOp, x);
export const cos = (x: Tensor): Tensor => apply1(cosOp, x);
export const tanh = (x: Tensor): Tensor => apply1(tanhOp, x);
export const sigmoid = (x: Tensor): Tensor => apply1(sigmoidOp, x);
export const erf = (x: Tensor): Tensor => apply1(erfOp, x);
export const relu = (x: Tensor): Tensor => apply1(reluOp, x);
/** min(max(x, 0), 6) */
export const relu6 = (x: Tensor): Tensor => clamp(x, 0, 6);

export const siluOp: Op<NoAttributes> = {
  name: 'silu',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  // d(x σ) = σ + y (1 - σ) = σ (1 - y) + y
  gradient: ({ inputs: [x], outputs: [y], gradient }) => [
    mul(gradient, add(mul(sigmoid(x!), sub(1, y!)), y!)),
  ],
  emit: (e) => {
    if (e.device === 'cpu') {
      e.node('QuickGelu', e.inputs, { alpha: { float: 1 } }, { domain: 'com.microsoft' });
      return;
    }
    const gate = e.temporary();
    e.node('Sigmoid', e.inputs, {}, { outputs: [gate] });
    e.node('Mul', [e.inputs[0]!, gate]);
  },
};

/** x · sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => apply1(siluOp, x);

/** x · sigmoid(1.702 x): CLIP's approximation of GELU. */
export const quickGelu = (x: Tensor): Tensor => mul(x, sigmoid(mul(x, 1.702)));

export const geluOp: Op<NoAttributes> = {
  name: 'gelu',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  // d(x Φ) = Φ + x φ
  gradient: ({ inputs: [x], gradient }) => [
    mul(gradient, add(normalDistribution(x!), mul(x!, normalDensity(x!)))),
  ],
  emit: (e) => {
    if (e.device === 'cpu') {
      e.node('Gelu', e.inputs, {}, { domain: 'com.microsoft' });
      return;
    }
    const [x] = e.inputs as [string];
    const value = (number: number): string => e.constant(Float32Array.of(number), []);
    const step = (opType: string, inputs: string[]): string => {
      const output = e.temporary();
      e.node(opType, inputs, {}, { outputs: [output] });
      return output;
    };
    const error = step('Erf', [step('Mul', [x, value(Math.SQRT1_2)])]);
    e.node('Mul', [step('Mul', [x, value(0.5)]), step('Add', [error, value(1)])]);
  },
};

/** Φ(x) = ½ (1 + erf(x / √2)) */
const normalDistribution = (x: Tensor): Tensor => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);

/** φ(x) = exp(-x² / 2) / √(2π) */
const normalDensity = (x: Tensor): Tensor =>
  mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/** x · Φ(x) with the exact normal distribution function. */
export const gelu = (x: Tensor): Tensor => apply1(geluOp, x);
