/** Elementwise ops of two tensors, with broadcasting; numbers stand for float32 scalars. */
import { applyOne, shapeError, type Op } from '../op.js';
import { scalar, type Tensor, type TensorType } from '../tensor.js';
import { broadcastShapes, sumTo } from './broadcast.js';
import { castFloat } from './cast-ops.js';
import { neg } from './unary-ops.js';

type NoAttributes = Record<string, never>;
export type Operand = Tensor | number;

const asTensor = (x: Operand): Tensor => (typeof x === 'number' ? scalar(x) : x);

function inferBinary(name: string, inputs: readonly TensorType[]): TensorType[] {
  if (inputs[0]!.dtype !== inputs[1]!.dtype) {
    const types = inputs.map((x) => x.dtype).join(' and ');
    throw shapeError(name, inputs, `element types ${types} differ`);
  }
  return [{ shape: broadcastShapes(name, inputs), dtype: inputs[0]!.dtype }];
}

/** Builds an arithmetic op from its partial derivatives, given before broadcasting is undone. */
function arithmetic(
  name: string,
  onnx: string,
  partials: (
    a: Tensor,
    b: Tensor,
    y: Tensor,
    dy: Tensor,
    wanted: readonly boolean[],
  ) => (Tensor | undefined)[],
): Op<NoAttributes> {
  return {
    name,
    infer: (inputs) => inferBinary(name, inputs),
    gradient: ({ inputs: [a, b], outputs: [y], gradient, wanted }) =>
      partials(a!, b!, y!, gradient, wanted).map(
        (partial, i) => partial && sumTo(partial, i === 0 ? a!.shape : b!.shape),
      ),
    emit: (e) => e.node(onnx, e.inputs),
  };
}

// d(a + b) = da + db
export const addOp = arithmetic('add', 'Add', (_a, _b, _y, dy) => [dy, dy]);
// d(a - b) = da - db
export const subOp = arithmetic('sub', 'Sub', (_a, _b, _y, dy, wanted) => [
  dy,
  wanted[1] ? neg(dy) : undefined,
]);
// d(a b) = b da + a db
export const mulOp = arithmetic('mul', 'Mul', (a, b, _y, dy, wanted) => [
  wanted[0] ? mul(dy, b) : undefined,
  wanted[1] ? mul(dy, a) : undefined,
]);
// d(a / b) = da / b - y db / b
export const divOp = arithmetic('div', 'Div', (_a, b, y, dy, wanted) => [
  wanted[0] ? div(dy, b) : undefined,
  wanted[1] ? neg(div(mul(dy, y), b)) : undefined,
]);

/** max and min send the whole gradient to the chosen operand; ties split it in halves. */
function choice(
  name: string,
  onnx: string,
  loses: (a: Tensor, b: Tensor) => Tensor,
): Op<NoAttributes> {
  return arithmetic(name, onnx, (a, b, _y, dy) => {
    const tie = mul(castFloat(equal(a, b)), 0.5);
    const toB = add(castFloat(loses(a, b)), tie);
    return [mul(dy, sub(1, toB)), mul(dy, toB)];
  });
}

export const maximumOp = choice('maximum', 'Max', (a, b) => greater(b, a));
export const minimumOp = choice('minimum', 'Min', (a, b) => greater(a, b));

function comparison(name: string, onnx: string): Op<NoAttributes> {
  return {
    name,
    infer: (inputs) => [{ shape: inferBinary(name, inputs)[0]!.shape, dtype: 'bool' }],
    gradient: 'not differentiable',
    emit: (e) => e.node(onnx, e.inputs),
  };
}

export const greaterOp = comparison('greater', 'Greater');
export const equalOp = comparison('equal', 'Equal');

const binary = (op: Op<NoAttributes>, a: Operand, b: Operand): Tensor =>
  applyOne(op, [asTensor(a), asTensor(b)], {});

export const add = (a: Operand, b: Operand): Tensor => binary(addOp, a, b);
export const sub = (a: Operand, b: Operand): Tensor => binary(subOp, a, b);
export const mul = (a: Operand, b: Operand): Tensor => binary(mulOp, a, b);
export const div = (a: Operand, b: Operand): Tensor => binary(divOp, a, b);
export const maximum = (a: Operand, b: Operand): Tensor => binary(maximumOp, a, b);
export const minimum = (a: Operand, b: Operand): Tensor => binary(minimumOp, a, b);
/** a > b, as a mask. */
export const greater = (a: Operand, b: Operand): Tensor => binary(greaterOp, a, b);
/** a = b, as a mask. */
export const equal = (a: Operand, b: Operand): Tensor => binary(equalOp, a, b);

/** Bounds of `clamp`. */
interface ClampAttributes {
  readonly low: number;
  readonly high: number;
}

export const clampOp: Op<ClampAttributes> = {
  name: 'clamp',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  // 1 strictly inside the bounds, 0 at and beyond them.
  gradient: ({ inputs: [x], gradient, attributes: { low, high } }) => {
    const inside = mul(castFloat(greater(x!, low)), castFloat(greater(high, x!)));
    return [mul(gradient, inside)];
  },
  storage: 'in place',
  emit: (e, { low, high }) =>
    e.node('Clip', [
      e.inputs[0]!,
      e.constant(Float32Array.of(low), []),
      e.constant(Float32Array.of(high), []),
    ]),
};

/** Limits values to [low, high]. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  return applyOne(clampOp, [x], { low, high });
}

export const whereOp: Op<NoAttributes> = {
  name: 'where',
  infer: (inputs) => {
    const [mask, a, b] = inputs;
    if (mask!.dtype !== 'bool' || a!.dtype !== b!.dtype) {
      throw shapeError('where', inputs, 'needs a bool mask and two operands of one element type');
    }
    return [{ shape: broadcastShapes('where', inputs), dtype: a!.dtype }];
  },
  gradient: ({ inputs: [mask, a, b], gradient }) => [
    undefined,
    sumTo(where(mask!, gradient, 0), a!.shape),
    sumTo(where(mask!, 0, gradient), b!.shape),
  ],
  emit: (e) => e.node('Where', e.inputs),
};

/** a where the mask holds, b elsewhere. */
export function where(mask: Tensor, a: Operand, b: Operand): Tensor {
  return applyOne(whereOp, [mask, asTensor(a), asTensor(b)], {});
}
