import { expect, it } from 'vitest';
import { pairedRatios, spreadOf } from '../../bench/statistics.js';

it('takes the median of odd and even numbers of values', () => {
  expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
  expect(spreadOf([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9 });
});

it('divides what was measured side by side, so that slow spells cancel', () => {
  const theirs = [2, 2, 20, 20];
  const ours = [1, 1, 10, 10];
  expect(pairedRatios(theirs, ours)).toEqual({ median: 2, min: 2, max: 2 });
});

it('leaves out what has no partner', () => {
  expect(pairedRatios([4, 6, 100], [2, 2])).toEqual({ median: 2.5, min: 2, max: 3 });
});
