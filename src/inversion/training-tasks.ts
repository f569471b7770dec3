/** The parts that can be trained: one line each in `taskTypes`. */
import { z } from 'zod';

import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { TRAINER_FIELD, trainerSchema, type TrainerConfig } from '../training/config.js';
import {
  checkRounds,
  ROUNDS_FIELD,
  roundsSchema,
  type RoundsConfig,
} from '../training/rounds/index.js';
import { parseConfig } from '../parse-config.js';
import type { TrainingTask } from '../training/task.js';
import type { TaskContext } from './tasks/task-context.js';

interface TaskType {
  readonly schema: z.ZodObject;
  readonly open: (config: unknown, context: TaskContext) => Promise<TrainingTask>;
}

/** By the `type` of a configuration file; loaded when asked for. */
const taskTypes: Readonly<Record<string, () => Promise<TaskType>>> = {
  autoencoder: async () => {
    const module = await import('./tasks/autoencoder-task.js');
    return taskType(module.autoencoderTaskSchema, module.openAutoencoderTask);
  },
  decoder: async () => {
    const module = await import('./tasks/decoder-task.js');
    return taskType(module.decoderTaskSchema, module.openDecoderTask);
  },
  denoiser: async () => {
    const module = await import('./tasks/denoiser-task.js');
    return taskType(module.denoiserTaskSchema, module.openDenoiserTask);
  },
  inverter: async () => {
    const module = await import('./tasks/inverter-task.js');
    return taskType(module.inverterTaskSchema, module.openInverterTask);
  },
};

/** A checked configuration file. */
export interface TrainingConfig {
  readonly type: string;
  /** The task's own fields, defaults filled in. */
  readonly task: Readonly<Record<string, unknown>>;
  readonly trainer: TrainerConfig;
  /** Present where workers share the training in rounds. */
  readonly rounds: RoundsConfig | undefined;
  /** Opens data and models and compiles the training step. */
  readonly open: (site: Pick<TaskContext, 'session' | 'record' | 'shard'>) => Promise<TrainingTask>;
}

/**
 * The content of a configuration file: the task's own fields beside `type`, the trainer's under
 * `trainer`, and those of `rounds` where there are any. Throws InputError with a sentence for each wrong field.
 */
export async function parseTrainingConfig(
  value: unknown,
  fileName: string,
): Promise<TrainingConfig> {
  const { type } = parseConfig(z.looseObject({ type: z.string() }), value, fileName);
  const names = Object.keys(taskTypes);
  if (!names.includes(type)) {
    const near = nearest(type, names);
    throw new InputError(
      `${fileName}: "type" must be one of ${names.join(', ')}, got "${type}"` +
        (near === undefined ? '' : `; did you mean ${near}?`),
    );
  }
  const { schema, open } = await taskTypes[type]!();
  const complete = schema.extend({
    [TRAINER_FIELD]: trainerSchema,
    [ROUNDS_FIELD]: roundsSchema.optional(),
  });
  const parsed = parseConfig(complete, value, fileName);
  const { trainer, rounds, ...task } = parsed as typeof parsed & {
    trainer: TrainerConfig;
    rounds?: RoundsConfig;
  };
  if (rounds) checkRounds({ trainer, rounds }, fileName);
  const { batchSize, seed, recompute } = trainer;
  const context = { batchSize, seed, recompute };
  return { type, task, trainer, rounds, open: (site) => open(task, { ...context, ...site }) };
}

function taskType<Schema extends z.ZodObject>(
  schema: Schema,
  open: (config: z.output<Schema>, context: TaskContext) => Promise<TrainingTask>,
): TaskType {
  return { schema, open: (config, context) => open(config as z.output<Schema>, context) };
}
