import { expect, it } from 'vitest';

import { differencePicture, differenceRange } from '../../src/images/difference-picture.js';

it('draws gains brighter than grey, losses darker, and clips beyond the range', () => {
  const difference = Float32Array.of(0, 5, -5, 10, -10, 100, -100, 0, 0);
  const { width, height, data } = differencePicture(difference, { width: 3, height: 1 }, 10);
  expect([width, height]).toEqual([3, 1]);
  expect([...data]).toEqual([128, 192, 65, 255, 1, 255, 1, 128, 128]);
});

it('chooses one range for all differences, never below 8 levels', () => {
  expect(differenceRange([Float32Array.of(0, 0, 1)])).toBe(8);
  const values = Float32Array.from({ length: 201 }, (_, i) => -i);
  expect(differenceRange([Float32Array.of(3), values])).toBeCloseTo(199, 5);
});
