import { expect, it } from 'vitest';

import { countFlops } from '../../src/graph/flops.js';
import { add, conv2d, input, matmul } from '../../src/graph/index.js';

it('counts two operations for each multiplication of products and convolutions', () => {
  const product = matmul(input('a', [5, 3]), input('b', [5, 7]), { transposeA: true });
  expect(countFlops([product])).toBe(2 * 3 * 5 * 7);
  const image = conv2d(input('x', [2, 4, 6, 6]), input('w', [8, 2, 3, 3]), {
    padding: 1,
    groups: 2,
  });
  expect(countFlops([image])).toBe(2 * (2 * 8 * 6 * 6) * (2 * 3 * 3));
});

it('counts shared work once and elementwise work not at all', () => {
  const product = matmul(input('a', [2, 2]), input('b', [2, 2]));
  expect(countFlops([add(product, product), product])).toBe(16);
});
