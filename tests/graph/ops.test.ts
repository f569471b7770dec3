import { describe, expect, it } from 'vitest';
import { gradients, topologicalOrder, type Tensor } from '../../src/graph/index.js';
import { ops } from '../../src/graph/ops/index.js';
import {
  centralDifferences,
  drawOperands,
  expectClose,
  interpretGradients,
  operands,
  runOnnx,
  runPortable,
  weighted,
  type OperandValues,
} from './check-op.js';
import { evaluate } from './interpreter.js';
import { kernels } from './kernels.js';
import { allRows } from './rows/index.js';
import type { Row } from './rows/row.js';

const differentiable = ({ op }: Row): boolean => ops.get(op)!.gradient !== 'not differentiable';

interface TracedRow extends Row {
  readonly inputs: readonly Tensor[];
  readonly values: OperandValues;
  readonly y: Tensor;
  readonly loss: Tensor;
}

const traced: readonly TracedRow[] = allRows.map((row) => {
  const prefix = `${row.op} ${row.name} `;
  const inputs = operands(row.shapes, prefix);
  const y = row.build(...inputs);
  const values = drawOperands(row.shapes, row.domain ?? 'normal', prefix);
  return { ...row, inputs, values, y, loss: weighted(y) };
});

const valueName = (row: Row): string => `${row.name} y`;
const gradientName = (row: Row, operand: number): string => `${row.name} d${operand}`;

/** Sessions cost more than these runs, but ONNX Runtime's optimiser is slow on many rows at once. */
const ROWS_PER_SESSION = 5;

const sessionOf = new Map(
  [...ops.keys()].flatMap((op) =>
    traced
      .filter((row) => row.op === op)
      .map((row, i): [TracedRow, string] => [row, `${op} ${Math.floor(i / ROWS_PER_SESSION)}`]),
  ),
);

const onnxResults = memoise(async (session: string) => {
  const outputs: Record<string, Tensor> = {};
  const values: OperandValues = {};
  for (const row of traced.filter((each) => sessionOf.get(each) === session)) {
    outputs[valueName(row)] = row.y;
    Object.assign(values, row.values);
    if (!differentiable(row)) continue;
    gradients(row.loss, row.inputs).forEach((d, i) => (outputs[gradientName(row, i)] = d));
  }
  return { fused: await runOnnx(outputs, values), portable: await runPortable(outputs, values) };
});

function memoise<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

describe('every op', () => {
  it('has a reference kernel', () => {
    expect([...kernels.keys()].sort()).toEqual([...ops.keys()].sort());
  });

  it('has a row, and the traced graph of each row holds its op', () => {
    expect([...new Set(allRows.map(({ op }) => op))].sort()).toEqual([...ops.keys()].sort());
    for (const row of traced) {
      const names = topologicalOrder([row.y]).map((node) => node.op.name);
      expect(names, row.name).toContain(row.op);
    }
  });

  it('has a gradient row unless it says that it has no derivative', () => {
    const checked = new Set(allRows.filter(differentiable).map(({ op }) => op));
    for (const [name, op] of ops) {
      if (op.gradient !== 'not differentiable') expect(checked, name).toContain(name);
    }
  });
});

describe.each(traced)('$op: $name', (row) => {
  it('infers the shape and computes the same on every path', async () => {
    expect(row.y.shape).toEqual(row.out);
    const [expected] = evaluate([row.y], row.values);
    const { fused, portable } = await onnxResults(sessionOf.get(row)!);
    const tolerance = row.tolerance ?? 1e-5;
    expectClose(fused[valueName(row)]!, expected!.data, tolerance);
    expectClose(portable[valueName(row)]!, expected!.data, tolerance, 'portable value');
  });
});

describe.each(traced.filter(differentiable))('the gradient of $op: $name', (row) => {
  it('equals central differences, and is the same in ONNX Runtime', async () => {
    const { fused, portable } = await onnxResults(sessionOf.get(row)!);
    const tolerance = row.tolerance ?? 1e-5;
    interpretGradients(row.loss, row.inputs, row.values).forEach((expected, i) => {
      const what = `gradient of operand ${i}`;
      const differences = centralDifferences(row.loss, row.inputs[i]!, row.values);
      expectClose(expected, differences, 1e-6, what);
      expectClose(fused[gradientName(row, i)]!, expected, tolerance, `float32 ${what}`);
      expectClose(portable[gradientName(row, i)]!, expected, tolerance, `portable ${what}`);
    });
  });
});
