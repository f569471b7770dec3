import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';

describe('a graph as text', () => {
  it('lists the nodes in the order of computation', () => {
    const x = g.input('x', [2, 3]);
    const w = g.input('w', [3, 1]);
    const y = g.relu(g.add(g.matmul(x, w), 0.5));
    expect(g.describeGraph({ y })).toMatchInlineSnapshot(`
      "%0 float32[2,1] = matmul(x:float32[2,3], w:float32[3,1]) {"transposeA":false,"transposeB":false}
      %1 float32[2,1] = add(%0, 0.5)
      %2 float32[2,1] = relu(%1)
      y = %2"
    `);
  });

  it('shows a backward pass: only what the gradient needs', () => {
    const x = g.input('x', [4, 2]);
    const w = g.input('w', [2, 2]);
    const loss = g.sum(g.silu(g.matmul(x, w)));
    const [dw] = g.gradients(loss, [w]);
    expect(g.describeGraph({ loss, dw: dw! })).toMatchInlineSnapshot(`
      "%0 float32[4,2] = matmul(x:float32[4,2], w:float32[2,2]) {"transposeA":false,"transposeB":false}
      %1 float32[4,2] = silu(%0)
      %2 float32[1,1] = sum(%1) {"axes":[0,1]}
      %3 float32[] = reshape(%2) {"shape":[]}
      %4 float32[1,1] = reshape(1) {"shape":[1,1]}
      %5 float32[4,2] = broadcastTo(%4) {"shape":[4,2]}
      %6 float32[4,2] = sigmoid(%0)
      %7 float32[4,2] = sub(1, %1)
      %8 float32[4,2] = mul(%6, %7)
      %9 float32[4,2] = add(%8, %1)
      %10 float32[4,2] = mul(%5, %9)
      %11 float32[2,2] = matmul(x:float32[4,2], %10) {"transposeA":true,"transposeB":false}
      loss = %3
      dw = %11"
    `);
  });

  it('shows saved statistics, tables and weights of files', () => {
    const range = { path: 'weights.safetensors', offset: 8, byteLength: 8 };
    const scale = g.castFloat(g.fileTensor('scale', [4], 'float16', range));
    const y = g.mul(g.standardise(g.input('x', [1, 4]), 0.25), scale);
    const table = g.constant([1, 2, 3, 4], [4]);
    expect(g.describeGraph({ y: g.add(y, table) })).toMatchInlineSnapshot(`
      "%0 float32[1,4], %1 float32[1,1], %2 float32[1,1] = standardise(x:float32[1,4]) {"epsilon":0.25}
      %3 float32[4] = castFloat(file scale:float16[4])
      %4 float32[1,4] = mul(%0, %3)
      %5 float32[1,4] = add(%4, constant:float32[4])
      y = %5"
    `);
  });

  it('shows the weight gradient of a 3x3 convolution as one product', () => {
    const x = g.input('x', [2, 4, 8, 8]);
    const w = g.input('w', [6, 4, 3, 3]);
    const [dw] = g.gradients(g.sum(g.conv2d(x, w, { padding: 1 })), [w]);
    const products = g
      .describeGraph({ dw: dw! })
      .split('\n')
      .filter((line) => /matmul/.test(line));
    expect(products).toHaveLength(1);
    expect(products[0]).toContain('float32[18,12]');
  });
});
