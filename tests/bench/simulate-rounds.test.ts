import { describe, expect, it } from 'vitest';
import { simulateRounds, type SimulatedRun } from '../../bench/rounds/simulate-rounds.js';

const ideal: SimulatedRun = {
  ...{ rounds: 3, workers: 4, machines: 4, stepsSeconds: 100, straggling: 0 },
  ...{ overheadSeconds: 0, averageSeconds: 0, openSeconds: 0 },
  ...{ secondsBetweenLosses: null, noticeSeconds: 40, replaceSeconds: 60, seed: 1 },
};
const simulate = (changes: Partial<SimulatedRun>) => simulateRounds({ ...ideal, ...changes });

describe('a simulation of rounds', () => {
  it.each<[string, Partial<SimulatedRun>, number, number]>([
    ['a machine for each worker', {}, 300, 1],
    ['half as many machines', { machines: 2 }, 600, 1],
    ['parts that do not divide among machines', { machines: 3 }, 600, 2 / 3],
    ['machines without a part', { machines: 8 }, 300, 1 / 2],
    [
      'overhead of parts and of averages',
      { overheadSeconds: 5, averageSeconds: 2 },
      321,
      300 / 321,
    ],
    // Once for the initial weights, then side by side by the other machines.
    ['models that are opened first', { openSeconds: 10 }, 320, 300 / 320],
  ])('with %s is what can be counted by hand', (_, changes, seconds, utilisation) => {
    const result = simulate(changes);
    expect(result.seconds).toBeCloseTo(seconds, 9);
    expect(result.utilisation).toBeCloseTo(utilisation, 9);
    expect(result.lost).toBe(0);
  });

  it('waits for stragglers: a round takes the longest of its parts', () => {
    const rounds = 2_000;
    const { seconds } = simulate({ rounds, straggling: 0.1 });
    // The largest of four standard normal numbers is 1.0294 on average (order statistics, David and Nagaraja).
    const expected = 100 * (1 + 0.1 * 1.0294);
    expect(seconds / rounds / expected).toBeCloseTo(1, 2);
  });

  it('loses machines as often as it should, and the part that each was doing', () => {
    const { lost, seconds } = simulate({
      ...{ rounds: 2_000, workers: 1, machines: 1, secondsBetweenLosses: 1_000 },
      ...{ noticeSeconds: 0, replaceSeconds: 0 },
    });
    // Restarts of a job of length s at rate λ: (e^{λ s} − 1) losses, (e^{λ s} − 1) / λ seconds on average.
    const each = Math.exp(0.1) - 1;
    expect(lost / 2_000).toBeCloseTo(each, 1);
    expect(seconds / 2_000 / (1_000 * each)).toBeCloseTo(1, 1);
  });

  it('lets others take over where a lost part waits, and is the same for the same seed', () => {
    const losing = { secondsBetweenLosses: 600, rounds: 50 };
    const alone = simulate({ ...losing, machines: 4 });
    const spare = simulate({ ...losing, machines: 6 });
    expect(spare.seconds).toBeLessThan(alone.seconds);
    expect(simulate({ ...losing, machines: 4 })).toEqual(alone);
    expect(simulate({ ...losing, machines: 4, seed: 2 })).not.toEqual(alone);
  });
});
