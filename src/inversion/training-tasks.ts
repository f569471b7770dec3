/** The parts that can be trained: one line each in `taskTypes`. */
import type { z } from 'zod';

import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { TRAINER_FIELD, trainerSchema, type TrainerConfig } from '../training/config.js';
import { parseConfig } from '../training/parse-config.js';
import type { TrainingTask } from '../training/task.js';
import { autoencoderTaskSchema, openAutoencoderTask } from './tasks/autoencoder-task.js';
import { denoiserTaskSchema, openDenoiserTask } from './tasks/denoiser-task.js';
import { inverterTaskSchema, openInverterTask } from './tasks/inverter-task.js';
import type { TaskContext } from './tasks/task-context.js';

interface TaskType {
  readonly schema: z.ZodObject;
  readonly open: (config: unknown, context: TaskContext) => Promise<TrainingTask>;
}

/** By the `type` of a configuration file. */
const taskTypes: Readonly<Record<string, TaskType>> = {
  autoencoder: taskType(autoencoderTaskSchema, openAutoencoderTask),
  denoiser: taskType(denoiserTaskSchema, openDenoiserTask),
  inverter: taskType(inverterTaskSchema, openInverterTask),
};

/** A checked configuration file. */
export interface TrainingConfig {
  readonly type: string;
  /** All fields but the trainer's, defaults filled in. */
  readonly task: Readonly<Record<string, unknown>>;
  readonly trainer: TrainerConfig;
}

/**
 * The content of a configuration file: the task's own fields beside `type`, the trainer's under
 * `trainer`. Throws InputError with a sentence for each wrong field.
 */
export function parseTrainingConfig(value: unknown, fileName: string): TrainingConfig {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : '';
  const known = typeof type === 'string' ? taskTypes[type] : undefined;
  if (typeof type !== 'string' || known === undefined) {
    const names = Object.keys(taskTypes);
    const near = typeof type === 'string' ? nearest(type, names) : undefined;
    throw new InputError(
      `${fileName}: "type" must be one of ${names.join(', ')}, got ${JSON.stringify(type)}` +
        (near === undefined ? '' : `; did you mean ${near}?`),
    );
  }
  const schema = known.schema.extend({ [TRAINER_FIELD]: trainerSchema });
  const { trainer, ...task } = parseConfig(schema, value, fileName);
  return { type, task, trainer: trainer as TrainerConfig };
}

/** Opens data and models and compiles the training step. */
export function openTrainingTask(
  config: TrainingConfig,
  context: TaskContext,
): Promise<TrainingTask> {
  return taskTypes[config.type]!.open(config.task, context);
}

function taskType<Schema extends z.ZodObject>(
  schema: Schema,
  open: (config: z.output<Schema>, context: TaskContext) => Promise<TrainingTask>,
): TaskType {
  return { schema, open: (config, context) => open(config as z.output<Schema>, context) };
}
