import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { trainerSchema } from '../../../src/training/config.js';
import {
  checkRounds,
  partOf,
  roundsSchema,
  roundStages,
} from '../../../src/training/rounds/index.js';

it('the parts of a run follow one another in stages whose last part averages', () => {
  const stages = roundStages(2, 3);
  expect(stages).toEqual([[0], [1, 2, 3], [4, 5, 6], [7, 8, 9]]);
  expect(stages.flat().map((unit) => partOf(2, unit))).toEqual([
    { type: 'initial' },
    ...[1, 2, 3].flatMap((round) => [
      { type: 'inner', round, worker: 0 },
      { type: 'inner', round, worker: 1 },
      { type: 'outer', round },
    ]),
  ]);
});

describe('rounds', () => {
  const trainer = { steps: 10, batchSize: 1, learningRate: 0.1 };
  const check = (changes: object, rounds: object) => () =>
    checkRounds(
      {
        trainer: trainerSchema.parse({ ...trainer, ...changes }),
        rounds: roundsSchema.parse(rounds),
      },
      'train.json',
    );

  it('have the paper’s outer optimiser by default', () => {
    expect(roundsSchema.parse({ workers: 8 })).toEqual({
      workers: 8,
      innerSteps: 500,
      outerLearningRate: 0.7,
      outerMomentum: 0.9,
      deltas: 'fp32',
      innerState: 'carried',
    });
  });

  it.each([
    [
      { steps: 11 },
      'train.json: "trainer.steps" must be a multiple of "rounds.innerSteps" (5), got 11',
    ],
    [
      { maxMinutes: 3 },
      'train.json: "trainer.maxMinutes" must be null where there are "rounds": they end after their steps',
    ],
  ])('refuse a trainer that cannot work in them: %j', (changes, message) => {
    expect(check(changes, { workers: 2, innerSteps: 5 })).toThrow(new InputError(message));
    expect(check({}, { workers: 2, innerSteps: 5 })).not.toThrow();
  });
});
