import { describe, expect, it } from 'vitest';
import { add, input, inputsOf, mul, ShapeError, substitute } from '../../src/graph/index.js';

describe('substitute', () => {
  const x = input('x', [2, 3]);
  const y = input('y', [2, 3]);
  const double = add(x, x);
  const product = mul(double, y);

  it('replaces a tensor inside the graph and shares the rest', () => {
    const middle = input('middle', [2, 3]);
    const [replaced, untouched] = substitute([product, double], new Map([[double, middle]]));
    expect(inputsOf([replaced!])).toEqual([middle, y]);
    expect(untouched).toBe(middle);
    expect(substitute([product], new Map([[middle, x]]))).toEqual([product]);
    expect(inputsOf([product])).toEqual([x, y]);
  });

  it('infers the shapes behind the replacement anew', () => {
    const [wider] = substitute([product], new Map([[x, input('wide', [4, 2, 3])]]));
    expect(wider!.shape).toEqual([4, 2, 3]);
    const wrong = input('wrong', [5]);
    expect(() => substitute([product], new Map([[x, wrong]]))).toThrow(ShapeError);
  });
});
