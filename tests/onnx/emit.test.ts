import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import { emitModel } from '../../src/onnx/emit.js';
import { inspectModel } from '../../src/onnx/inspect-model.js';
import { runOnnx } from '../graph/check-op.js';

function smallGraph() {
  const x = g.input('x', [1, 2, 4, 4]);
  const w = g.input('w', [3, 2, 3, 3]);
  const y = g.silu(g.conv2d(x, w, { padding: 1, bias: g.constant([1, 2, 3], [3]) }));
  const [dw] = g.gradients(g.sum(g.mul(y, y)), [w]);
  return { y, dw: dw! };
}

describe('an emitted model', () => {
  it('has the same bytes for equal graphs', () => {
    expect(emitModel(smallGraph()).bytes).toEqual(emitModel(smallGraph()).bytes);
  });

  it('lists its inputs, outputs and nodes', () => {
    const { y } = smallGraph();
    const { inputs, outputs, nodes } = inspectModel(emitModel({ y }).bytes);
    expect(inputs).toEqual([
      { name: 'x', shape: [1, 2, 4, 4] },
      { name: 'w', shape: [3, 2, 3, 3] },
    ]);
    expect(outputs).toEqual([{ name: 'y', shape: [1, 3, 4, 4] }]);
    expect(nodes.map(({ opType }) => opType)).toEqual(['Conv', 'QuickGelu', 'Identity']);
  });

  it('uses standard ops alone for devices without fused kernels', () => {
    const x = g.input('x', [2, 3]);
    const y = g.silu(g.matmul(x, x, { transposeB: true }));
    const types = inspectModel(emitModel({ y }, 'webgpu').bytes).nodes.map((node) => node.opType);
    expect(types).toEqual(['Transpose', 'MatMul', 'Sigmoid', 'Mul', 'Identity']);
  });

  it('leaves out what no output needs', () => {
    const x = g.input('x', [2]);
    g.exp(g.input('unused', [2]));
    expect([...emitModel({ y: g.neg(x) }).inputs.keys()]).toEqual(['x']);
  });

  it('may name inputs and outputs like the values in between', async () => {
    const x = g.input('v1', [2]);
    const results = await runOnnx(
      { v0: g.mul(g.exp(x), 2), v2: g.sub(g.input('v3', [2]), x) },
      { v1: Float32Array.of(0, 1), v3: Float32Array.of(5, 5) },
    );
    expect(Array.from(results['v0']!)).toEqual([2, expect.closeTo(2 * Math.E, 5)]);
    expect(Array.from(results['v2']!)).toEqual([5, 4]);
  });

  it('accepts one input traced twice with one shape', async () => {
    const y = g.add(g.input('x', [2]), g.input('x', [2]));
    const results = await runOnnx({ y }, { x: Float32Array.of(1, 2) });
    expect(Array.from(results['y']!)).toEqual([2, 4]);
  });

  it('refuses one input name with two shapes or element types', () => {
    const two = g.add(g.input('x', [2]), g.input('x', [1]));
    expect(() => emitModel({ two })).toThrow(
      'input "x" is used with two types: float32[2] and float32[1]',
    );
    const types = g.gatherRows(g.input('x', [2, 2]), g.input('x', [2, 2], 'int64'));
    expect(() => emitModel({ types })).toThrow(
      'input "x" is used with two types: float32[2,2] and int64[2,2]',
    );
  });

  it('refuses an output that has the name of an input', () => {
    expect(() => emitModel({ x: g.neg(g.input('x', [2])) })).toThrow(
      'output "x" has the name of an input; choose another',
    );
  });

  it('keeps 0 and -0 apart', async () => {
    const x = g.input('x', [2]);
    const [zero, negative] = [g.constant([0, 0], [2]), g.constant([-0, -0], [2])];
    const results = await runOnnx(
      { up: g.div(x, zero), down: g.div(x, negative) },
      { x: Float32Array.of(1, 1) },
    );
    expect(Array.from(results['up']!)).toEqual([Infinity, Infinity]);
    expect(Array.from(results['down']!)).toEqual([-Infinity, -Infinity]);
  });
});
