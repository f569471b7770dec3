import { z } from 'zod';
import { InputError } from '../errors.js';

/** The field of a configuration file that holds the trainer's part. */
export const TRAINER_FIELD = 'trainer';

const wholeNumber = (minimum: number): z.ZodInt => z.int().min(minimum);
const share = z.number().min(0).lt(1);

/** How a part is trained, whatever it is; the defaults are in here and nowhere else. */
export const trainerSchema = z
  .strictObject({
    /** Optimiser steps in all. */
    steps: wholeNumber(1),
    /** Images of one micro-batch. */
    batchSize: wholeNumber(1),
    /** Micro-batches whose gradients are averaged for one optimiser step. */
    accumulation: wholeNumber(1).default(1),
    /** Computes activations again in the backward pass: less memory, more time, the same gradients. */
    recompute: z.boolean().default(false),
    /** Optimiser steps that one run of the graph takes, in a loop; null: 8 with --device cuda, 1 elsewhere. */
    stepsPerRun: wholeNumber(1).nullable().default(null),
    learningRate: z.number().positive(),
    /** Optimiser steps of linear rise to the learning rate. */
    warmupSteps: wholeNumber(0).default(0),
    schedule: z.enum(['constant', 'cosine']).default('constant'),
    /** Where the cosine ends. */
    finalLearningRate: z.number().min(0).default(0),
    weightDecay: z.number().min(0).default(0.01),
    /** Whether biases and norms decay too. */
    decayVectors: z.boolean().default(false),
    betas: z.tuple([share, share]).default([0.9, 0.999]),
    epsilon: z.number().positive().default(1e-8),
    /** Largest norm of a step's gradient over all parameters; null for no limit. */
    clipNorm: z.number().positive().nullable().default(1),
    /** Moving average of the weights, which is validated and released; null for none. */
    ema: z
      .strictObject({ decay: share, warmup: z.boolean().default(true) })
      .nullable()
      .default({ decay: 0.999, warmup: true }),
    seed: wholeNumber(0)
      .max(2 ** 32 - 1)
      .default(0),
    /** Optimiser steps between validations; 0 for one at the end only. */
    validateEvery: wholeNumber(0).default(500),
    /** Optimiser steps between checkpoints; 0 for one at the end only. */
    checkpointEvery: wholeNumber(0).default(500),
    /** Optimiser steps that one line of the log sums up. */
    logEvery: wholeNumber(1).default(10),
    /** Stops with a checkpoint after so many minutes of this process; null for no limit. */
    maxMinutes: z.number().positive().nullable().default(null),
  })
  .superRefine((config, context) => {
    if (config.finalLearningRate > config.learningRate) {
      context.addIssue({
        code: 'custom',
        path: ['finalLearningRate'],
        message: `it must be at most "learningRate" (${config.learningRate}), got ${config.finalLearningRate}`,
      });
    }
  });

export type TrainerConfig = z.output<typeof trainerSchema>;

/** Settings that decide when a run stops, reports and looks, and where steps run, not what a step computes. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'trainer.steps',
  'trainer.checkpointEvery',
  'trainer.logEvery',
  'trainer.stepsPerRun',
  'trainer.maxMinutes',
]);

/** Throws InputError where the run in `root` was started with a configuration that `now` cannot go on with. */
export function checkResumable(root: string, before: unknown, now: unknown): void {
  const conflict = findConflict(before, now);
  if (conflict === undefined) return;
  throw new InputError(
    `"${conflict.field}" is ${show(conflict.now)}, but the run in ${root} was started ` +
      `with ${show(conflict.before)}: a resumed run must keep it`,
  );
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'not set';

/**
 * The first field, such as `trainer.learningRate`, in which two configurations differ so that one cannot
 * resume the other's run; undefined when it can. Fields named validat… and those above may differ.
 */
export function findConflict(
  before: unknown,
  now: unknown,
  path: readonly string[] = [],
): { field: string; before: unknown; now: unknown } | undefined {
  const field = path.join('.');
  if (CHANGEABLE.has(field) || path.at(-1)?.startsWith('validat')) return undefined;
  if (isRecord(before) && isRecord(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const conflict = findConflict(before[key], now[key], [...path, key]);
      if (conflict) return conflict;
    }
    return undefined;
  }
  if (JSON.stringify(before) === JSON.stringify(now)) return undefined;
  return { field, before, now };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
