import { expect, it } from 'vitest';

import { timmCatalogue } from '../../src/backbones/index.js';
import { countFlops } from '../../src/graph/flops.js';
import { add, conv2d, input, matmul } from '../../src/graph/index.js';
import type { Parameters } from '../../src/nn/index.js';

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

/** Weights without values. */
const unfilled = (prefix: string): Parameters => ({
  tensor: (name, shape) => input(prefix + name, shape),
  scope: (name) => unfilled(`${prefix}${name}.`),
});

// torch.utils.flop_counter.FlopCounterMode of PyTorch 2.15 on timm 1.0.31, one picture of 288 pixels.
it.each([
  ['resnet50.a1_in1k', 13_516_668_928],
  ['convnext_base.fb_in22k_ft_in1k', 50_763_278_336],
])('agrees with PyTorch about %s', (name, flops) => {
  const { family } = timmCatalogue.get(name)!.architecture;
  const { logits } = family.trace(unfilled(''), input('images', [1, 3, 288, 288]));
  expect(countFlops([logits])).toBe(flops);
});
