import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { findConflict, trainerSchema } from '../../src/training/config.js';
import { parseConfig, readJsonFile } from '../../src/parse-config.js';

const minimal = { steps: 10, batchSize: 4, learningRate: 0.01 };
const parse = (value: unknown) => parseConfig(trainerSchema, value, 'train.json');
const messageOf = (value: unknown): string => {
  try {
    parse(value);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

describe('trainer configuration', () => {
  it('fills in defaults', () => {
    expect(parse(minimal)).toMatchObject({
      accumulation: 1,
      betas: [0.9, 0.999],
      clipNorm: 1,
      ema: { decay: 0.999, warmup: true },
      schedule: 'constant',
      seed: 0,
    });
  });

  it.each([
    [{ ...minimal, stepz: 3 }, '"stepz" is not a field, did you mean "steps"?'],
    [
      { ...minimal, ema: { decay: 0.9, warmpu: true } },
      '"ema.warmpu" is not a field, did you mean "ema.warmup"?',
    ],
    [{ ...minimal, steps: 0 }, '"steps" must be at least 1, got 0'],
    [{ ...minimal, steps: 'many' }, '"steps" must be a number, got "many"'],
    [{ ...minimal, steps: 1.5 }, '"steps" must be a whole number, got 1.5'],
    [{ ...minimal, learningRate: 0 }, '"learningRate" must be more than 0, got 0'],
    [{ ...minimal, betas: [0.9, 1] }, '"betas[1]" must be less than 1, got 1'],
    [
      { ...minimal, schedule: 'cosin' },
      '"schedule" must be one of "constant", "cosine", got "cosin"',
    ],
    [{ steps: 10, batchSize: 4 }, '"learningRate" is missing: it must be a number'],
    [
      { ...minimal, finalLearningRate: 1 },
      '"finalLearningRate": it must be at most "learningRate" (0.01), got 1',
    ],
    [[], 'the content must be an object in braces, got []'],
  ])('explains %j', (value, sentence) => {
    expect(messageOf(value)).toBe(`train.json: ${sentence}`);
  });

  it('lists every error at once', () => {
    const message = messageOf({ steps: 0, batchSize: 4, learningRate: -1, what: 1 });
    expect(message).toContain('"steps" must be at least 1, got 0; ');
    expect(message).toContain('"learningRate" must be more than 0, got -1; ');
    expect(message).toContain('"what" is not a field, the fields are steps, batchSize, ');
  });

  it('explains the alternative that the value chose', () => {
    const schema = z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('circle'), radius: z.number() }),
      z.strictObject({ type: z.literal('square'), side: z.number() }),
    ]);
    const explain = (value: unknown) => () => parseConfig(schema, value, 'shape.json');
    expect(explain({ type: 'square', sied: 1 })).toThrow(
      '"side" is missing: it must be a number; "sied" is not a field, did you mean "side"?',
    );
    expect(explain({ type: 'triangle' })).toThrow(
      'shape.json: "type" must be "circle" or "square", got "triangle"',
    );
  });

  it('says what is wrong with a file', async () => {
    await expect(readJsonFile('/nowhere/train.json')).rejects.toThrow(
      'cannot read /nowhere/train.json: no such file or directory',
    );
    await expect(readJsonFile('tests/training/waves.ts')).rejects.toThrow(
      'tests/training/waves.ts must be valid JSON: ',
    );
  });
});

describe('what a resumed run may change', () => {
  const config = {
    type: 'toy',
    data: { photographs: 'a', validationCrops: 8 },
    trainer: parse(minimal),
  };

  it('lets it go on longer, and look and report at other times', () => {
    const now = {
      ...config,
      data: { photographs: 'a', validationCrops: 9 },
      trainer: parse({
        ...minimal,
        steps: 20,
        validateEvery: 1,
        checkpointEvery: 1,
        logEvery: 1,
        maxMinutes: 1,
      }),
    };
    expect(findConflict(config, now)).toBeUndefined();
  });

  it('names the first other field that differs', () => {
    const now = { ...config, trainer: parse({ ...minimal, ema: { decay: 0.5 } }) };
    expect(findConflict(config, now)).toEqual({
      field: 'trainer.ema.decay',
      before: 0.999,
      now: 0.5,
    });
    expect(findConflict(config, { ...config, data: undefined })?.field).toBe('data');
    expect(findConflict(config, { ...config, steps: 3 })?.field).toBe('steps');
  });
});
