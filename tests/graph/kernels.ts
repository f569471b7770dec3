/**
 * A naive float64 kernel for every op, written from the definition and not from ONNX: the measure that
 * exported graphs and gradient rules are held against.
 */
import type { Op } from '../../src/graph/op.js';
import { sizeOf, type TensorType } from '../../src/graph/index.js';
import { attentionOp } from '../../src/graph/ops/attention-op.js';
import * as binary from '../../src/graph/ops/binary-ops.js';
import { castFloatOp } from '../../src/graph/ops/cast-ops.js';
import { conv2dOp, type ConvAttributes } from '../../src/graph/ops/conv-ops.js';
import { gatherRowsOp } from '../../src/graph/ops/gather-op.js';
import { maxPool2dOp } from '../../src/graph/ops/image-ops.js';
import { matmulOp } from '../../src/graph/ops/matmul-op.js';
import { softmaxOp, standardiseOp } from '../../src/graph/ops/normalise-ops.js';
import { quantisedConvOp, quantisedMatmulOp } from '../../src/graph/ops/quantised-ops.js';
import { afterOp, segmentBorderOp } from '../../src/graph/ops/recompute-ops.js';
import { maxOp, sumOp } from '../../src/graph/ops/reduce-ops.js';
import * as shapes from '../../src/graph/ops/shape-ops.js';
import { topKMaskOp } from '../../src/graph/ops/top-k-op.js';
import * as unary from '../../src/graph/ops/unary-ops.js';
import { broadcastAt, elementAt, forEachIndex, tabulate, type HostValue } from './host-value.js';

interface Call<A> {
  readonly inputs: readonly HostValue[];
  readonly attributes: A;
  /** Inferred types of the outputs. */
  readonly outputs: readonly TensorType[];
}

export type Kernel = (call: Call<never>) => readonly HostValue[];

const kernel = <A>(op: Op<A>, run: (call: Call<A>) => readonly HostValue[]): [string, Kernel] => [
  op.name,
  run,
];

const elementwise = (op: Op<Record<string, never>>, f: (...operands: number[]) => number) =>
  kernel(op, ({ inputs, outputs }) => [
    tabulate(outputs[0]!.shape, (index) => f(...inputs.map((x) => broadcastAt(x, index)))),
  ]);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms have one sign, so nothing cancels. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** Applies `f` to each row along the last axis. */
function alongRows(x: HostValue, f: (row: Float64Array) => Iterable<number>): HostValue {
  const width = x.shape.at(-1)!;
  const rows = Array.from({ length: x.data.length / width }, (_, i) =>
    Array.from(f(x.data.subarray(i * width, (i + 1) * width))),
  );
  return {
    shape: [...x.shape.slice(0, -1), rows[0]!.length],
    data: Float64Array.from(rows.flat()),
  };
}

function softmaxRow(row: Float64Array): Float64Array {
  const top = Math.max(...row);
  const powers = row.map((v) => Math.exp(v - top));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

function moments(row: Float64Array, epsilon: number): { mean: number; inverse: number } {
  const mean = row.reduce((a, b) => a + b) / row.length;
  const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
  return { mean, inverse: 1 / Math.sqrt(variance + epsilon) };
}

/** Folds the reduced axes of each output element. */
function reduced(
  x: HostValue,
  out: TensorType,
  start: number,
  fold: (a: number, b: number) => number,
): HostValue {
  const data = new Float64Array(sizeOf(out.shape)).fill(start);
  forEachIndex(x.shape, (index, flat) => {
    const target = index.reduce(
      (at, i, axis) => at * out.shape[axis]! + (out.shape[axis] === 1 ? 0 : i),
      0,
    );
    data[target] = fold(data[target]!, x.data[flat]!);
  });
  return { shape: out.shape, data };
}

const swapped = (index: readonly number[], swap: boolean): number[] =>
  swap ? [...index.slice(0, -2), index.at(-1)!, index.at(-2)!] : [...index];

/** What is left of values that are spread over 0 to 255, one of which is 0 itself. */
function spread({ shape, data }: HostValue): HostValue {
  const low = Math.min(0, ...data);
  const scale = (Math.max(0, ...data) - low) / 255;
  const zero = Math.round(-low / scale);
  const whole = (x: number): number => Math.min(255, Math.max(0, Math.round(x / scale) + zero));
  return { shape, data: data.map((x) => (whole(x) - zero) * scale) };
}

/** What is left of values whose largest magnitude along the first axis becomes 127. */
function alongFirst({ shape, data }: HostValue): HostValue {
  const width = data.length / shape[0]!;
  const scaleOf = (i: number): number => {
    const first = i - (i % width);
    return Math.max(...data.subarray(first, first + width).map(Math.abs)) / 127 || 1;
  };
  return { shape, data: data.map((x, i) => Math.round(x / scaleOf(i)) * scaleOf(i)) };
}

const convolution = ({
  inputs: [x, w, bias],
  attributes,
  outputs,
}: Call<ConvAttributes>): readonly HostValue[] => {
  const { stride, padding, groups } = attributes;
  const [channels, cg, kh, kw] = w!.shape as [number, number, number, number];
  const image = tabulate(outputs[0]!.shape, ([n, o, row, column]) => {
    const first = Math.floor(o! / (channels / groups)) * cg;
    let total = bias ? bias.data[o!]! : 0;
    for (let c = 0; c < cg; c++) {
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const y = row! * stride[0] + i - padding[0];
          const z = column! * stride[1] + j - padding[1];
          total += elementAt(x!, [n!, first + c, y, z]) * elementAt(w!, [o!, c, i, j]);
        }
      }
    }
    return total;
  });
  return [image];
};

const all: readonly [string, Kernel][] = [
  elementwise(unary.negOp, (x) => -x),
  elementwise(unary.expOp, Math.exp),
  elementwise(unary.logOp, Math.log),
  elementwise(unary.sqrtOp, Math.sqrt),
  elementwise(unary.absOp, Math.abs),
  elementwise(unary.signOp, Math.sign),
  elementwise(unary.sinOp, Math.sin),
  elementwise(unary.cosOp, Math.cos),
  elementwise(unary.tanhOp, Math.tanh),
  elementwise(unary.sigmoidOp, sigmoid),
  elementwise(unary.erfOp, erf),
  elementwise(unary.reluOp, (x) => Math.max(x, 0)),
  elementwise(unary.siluOp, (x) => x * sigmoid(x)),
  elementwise(unary.geluOp, (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2))),
  elementwise(castFloatOp, (x) => x),
  elementwise(binary.addOp, (a, b) => a + b),
  elementwise(binary.subOp, (a, b) => a - b),
  elementwise(binary.mulOp, (a, b) => a * b),
  elementwise(binary.divOp, (a, b) => a / b),
  elementwise(binary.maximumOp, Math.max),
  elementwise(binary.minimumOp, Math.min),
  elementwise(binary.greaterOp, (a, b) => Number(a > b)),
  elementwise(binary.equalOp, (a, b) => Number(a === b)),
  elementwise(binary.whereOp, (mask, a, b) => (mask ? a : b)),
  kernel(binary.clampOp, ({ inputs: [x], attributes: { low, high } }) => [
    { shape: x!.shape, data: x!.data.map((v) => Math.min(Math.max(v, low), high)) },
  ]),

  kernel(attentionOp, ({ inputs: [q, k, v], attributes: { heads }, outputs }) => {
    const width = q!.shape[2]! / heads;
    const score = (n: number, head: number, row: number, column: number): number => {
      let total = 0;
      for (let i = head * width; i < (head + 1) * width; i++) {
        total += elementAt(q!, [n, row, i]) * elementAt(k!, [n, column, i]);
      }
      return total / Math.sqrt(width);
    };
    const scores = tabulate(outputs[1]!.shape, ([n, head, row, column]) =>
      score(n!, head!, row!, column!),
    );
    const probabilities = alongRows(scores, softmaxRow);
    const mixed = tabulate(outputs[0]!.shape, ([n, row, channel]) => {
      const head = Math.floor(channel! / width);
      let total = 0;
      for (let m = 0; m < k!.shape[1]!; m++) {
        total += elementAt(probabilities, [n!, head, row!, m]) * elementAt(v!, [n!, m, channel!]);
      }
      return total;
    });
    return [mixed, probabilities];
  }),

  kernel(matmulOp, ({ inputs: [a, b], attributes: { transposeA, transposeB }, outputs }) => {
    const inner = a!.shape.at(transposeA ? -2 : -1)!;
    const product = tabulate(outputs[0]!.shape, (index) => {
      const [batch, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
      let total = 0;
      for (let k = 0; k < inner; k++) {
        total +=
          batchElementAt(a!, swapped([...batch, row, k], transposeA)) *
          batchElementAt(b!, swapped([...batch, k, column], transposeB));
      }
      return total;
    });
    return [product];
  }),

  kernel(conv2dOp, convolution),
  kernel(quantisedConvOp, ({ inputs: [x, w, ...bias], ...call }) =>
    convolution({ ...call, inputs: [spread(x!), alongFirst(w!), ...bias] }),
  ),
  kernel(quantisedMatmulOp, ({ inputs: [x, w], outputs }) => {
    const [operand, weight] = [spread(x!), alongFirst(w!)];
    const product = tabulate(outputs[0]!.shape, ([row, column]) => {
      let total = 0;
      for (let i = 0; i < operand.shape[1]!; i++) {
        total += elementAt(operand, [row!, i]) * elementAt(weight, [column!, i]);
      }
      return total;
    });
    return [product];
  }),

  kernel(maxPool2dOp, ({ inputs: [x], attributes: { kernel: size, stride, padding }, outputs }) => {
    const [, , height, width] = x!.shape as [number, number, number, number];
    const pooled = tabulate(outputs[0]!.shape, ([n, c, row, column]) => {
      let best = -Infinity;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const y = row! * stride + i - padding[0];
          const z = column! * stride + j - padding[1];
          if (y < 0 || z < 0 || y >= height || z >= width) continue;
          best = Math.max(best, elementAt(x!, [n!, c!, y, z]));
        }
      }
      return best;
    });
    return [pooled];
  }),

  kernel(softmaxOp, ({ inputs: [x] }) => [alongRows(x!, softmaxRow)]),
  kernel(standardiseOp, ({ inputs: [x], attributes: { epsilon } }) => [
    alongRows(x!, (row) => {
      const { mean, inverse } = moments(row, epsilon);
      return row.map((v) => (v - mean) * inverse);
    }),
    alongRows(x!, (row) => [moments(row, epsilon).mean]),
    alongRows(x!, (row) => [moments(row, epsilon).inverse]),
  ]),

  kernel(gatherRowsOp, ({ inputs: [table, indices], outputs }) => [
    tabulate(outputs[0]!.shape, (index) =>
      elementAt(table!, [elementAt(indices!, index.slice(0, -1)), index.at(-1)!]),
    ),
  ]),
  kernel(segmentBorderOp, ({ inputs: [x] }) => [x!]),
  kernel(afterOp, ({ inputs: [x] }) => [x!]),
  kernel(sumOp, ({ inputs: [x], outputs }) => [reduced(x!, outputs[0]!, 0, (a, b) => a + b)]),
  kernel(topKMaskOp, ({ inputs: [x], attributes: { count } }) => [
    alongRows(x!, (row) =>
      row.map((value, i) =>
        Number(
          row.filter((other, j) => other > value || (other === value && j < i)).length < count,
        ),
      ),
    ),
  ]),
  kernel(maxOp, ({ inputs: [x], outputs }) => [reduced(x!, outputs[0]!, -Infinity, Math.max)]),

  kernel(shapes.reshapeOp, ({ inputs: [x], attributes: { shape } }) => [{ shape, data: x!.data }]),
  kernel(shapes.transposeOp, ({ inputs: [x], attributes: { axes }, outputs }) => [
    tabulate(outputs[0]!.shape, (index) =>
      elementAt(
        x!,
        axes.map((_, axis) => index[axes.indexOf(axis)]!),
      ),
    ),
  ]),
  kernel(shapes.sliceOp, ({ inputs: [x], attributes: { ranges }, outputs }) => [
    tabulate(outputs[0]!.shape, (index) => {
      const from = [...index];
      for (const { axis, start, step } of ranges) from[axis] = start + index[axis]! * step;
      return elementAt(x!, from);
    }),
  ]),
  kernel(shapes.padOp, ({ inputs: [x], attributes: { before }, outputs }) => [
    tabulate(outputs[0]!.shape, (index) =>
      elementAt(
        x!,
        index.map((i, axis) => i - before[axis]!),
      ),
    ),
  ]),
  kernel(shapes.concatOp, ({ inputs, attributes: { axis }, outputs }) => [
    tabulate(outputs[0]!.shape, (index) => {
      const from = [...index];
      for (const x of inputs) {
        if (from[axis]! < x.shape[axis]!) return elementAt(x, from);
        from[axis]! -= x.shape[axis]!;
      }
      throw new Error('beyond the last operand');
    }),
  ]),
  kernel(shapes.broadcastToOp, ({ inputs: [x], attributes: { shape } }) => [
    tabulate(shape, (index) => broadcastAt(x!, index)),
  ]),
  kernel(shapes.reverseOp, ({ inputs: [x], attributes: { axes } }) => [
    tabulate(x!.shape, (index) =>
      elementAt(
        x!,
        index.map((i, axis) => (axes.includes(axis) ? x!.shape[axis]! - 1 - i : i)),
      ),
    ),
  ]),
];

/** Batch axes broadcast, the last two are exact. */
function batchElementAt(x: HostValue, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return elementAt(
    x,
    own.map((i, axis) => (axis < own.length - 2 && x.shape[axis] === 1 ? 0 : i)),
  );
}

export const kernels: ReadonlyMap<string, Kernel> = new Map(all);
