/** The parts that can be trained: one line each in `taskTypes`. */
import { z } from 'zod';

import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { TRAINER_FIELD, trainerSchema, type TrainerConfig } from '../training/config.js';
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
  /** All fields but the trainer's, defaults filled in. */
  readonly task: Readonly<Record<string, unknown>>;
  readonly trainer: TrainerConfig;
  /** Opens data and models and compiles the training step. */
  readonly open: (context: TaskContext) => Promise<TrainingTask>;
}

/**
 * The content of a configuration file: the task's own fields beside `type`, the trainer's under
 * `trainer`. Throws InputError with a sentence for each wrong field.
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
  const complete = schema.extend({ [TRAINER_FIELD]: trainerSchema });
  const { trainer, ...task } = parseConfig(complete, value, fileName);
  return { type, task, trainer: trainer as TrainerConfig, open: (context) => open(task, context) };
}

function taskType<Schema extends z.ZodObject>(
  schema: Schema,
  open: (config: z.output<Schema>, context: TaskContext) => Promise<TrainingTask>,
): TaskType {
  return { schema, open: (config, context) => open(config as z.output<Schema>, context) };
}
