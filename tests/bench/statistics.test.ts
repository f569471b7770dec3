import { expect, it } from 'vitest';

import { measure, summariseTimes } from '../../bench/statistics.js';

it('summarises odd and even numbers of runs', () => {
  expect(summariseTimes([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5, runs: 3 });
  expect(summariseTimes([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9, runs: 4 });
});

it('warms up once and then runs as often as asked', async () => {
  let calls = 0;
  const timing = await measure(
    () => {
      calls++;
      return Promise.resolve();
    },
    { runs: 4, seconds: 60 },
  );
  expect([calls, timing.runs]).toEqual([5, 4]);
});
