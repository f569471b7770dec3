/** What a checkpoint holds, between the trainer's memory and its files. */
import path from 'node:path';

import { z } from 'zod';

import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import { openSafetensors, writeSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import type { Moments } from './adamw.js';
import { writeCheckpointFiles, type WholeCheckpoint } from './checkpoint-files.js';

const WEIGHTS_FILE = 'weights.safetensors';
const OPTIMIZER_FILE = 'optimizer.safetensors';
const AVERAGE_FILE = 'ema.safetensors';
/** PyTorch's names of AdamW's moments. */
const FIRST = 'exp_avg.';
const SECOND = 'exp_avg_sq.';

const metrics = z.record(z.string(), z.number());

/** Everything of a run besides its tensors. */
export const trainStateSchema = z.strictObject({
  /** Optimiser steps done. */
  step: z.int().min(0),
  /** Images seen: the position in the endless stream of training data. */
  images: z.int().min(0),
  /** Wall-clock time of the run so far, over all processes. */
  seconds: z.number().min(0),
  /** The stream that each micro-batch's generator is forked from. */
  random: z.array(z.number()),
  /** Sums for the next line of the log. */
  meters: z.record(z.string(), z.strictObject({ sum: z.number(), count: z.int() })),
  /** The last validation. */
  validation: z.strictObject({ step: z.int(), metrics }).nullable(),
  /** The resolved configuration. */
  config: z.unknown(),
});

export type TrainState = z.output<typeof trainStateSchema>;

/** The tensors of a run, in the arrays that training works on. */
export interface TrainTensors {
  readonly weights: NamedTensors;
  readonly moments: ReadonlyMap<string, Moments>;
  /** Undefined when no average is kept. */
  readonly average: NamedTensors | undefined;
}

/** Writes a checkpoint whole or not at all and returns its directory. */
export async function saveCheckpoint(
  parent: string,
  state: TrainState,
  tensors: TrainTensors,
): Promise<string> {
  return writeCheckpointFiles(parent, state.step, state, async (directory) => {
    await writeSafetensors(path.join(directory, WEIGHTS_FILE), tensors.weights);
    await writeSafetensors(path.join(directory, OPTIMIZER_FILE), momentTensors(tensors));
    if (tensors.average) {
      await writeSafetensors(path.join(directory, AVERAGE_FILE), tensors.average);
    }
  });
}

/** The state of a checkpoint found whole; throws InputError where another version wrote it. */
export function readTrainState(checkpoint: WholeCheckpoint): TrainState {
  const parsed = trainStateSchema.safeParse(checkpoint.state);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `${checkpoint.directory} was written by another version of featinv and cannot be resumed`,
  );
}

/**
 * Copies a checkpoint's tensors into the arrays of `tensors`, one at a time. Throws InputError naming the tensor when
 * names or shapes are not those of the model.
 */
export function restoreTensors(checkpoint: WholeCheckpoint, tensors: TrainTensors): void {
  const file = (name: string): CheckpointFile =>
    openSafetensors(path.join(checkpoint.directory, name));
  copyTensors(file(WEIGHTS_FILE), tensors.weights);
  copyTensors(file(OPTIMIZER_FILE), momentTensors(tensors));
  if (tensors.average) copyTensors(file(AVERAGE_FILE), tensors.average);
}

function momentTensors({ weights, moments }: TrainTensors): NamedTensors {
  const tensors: NamedTensors = new Map();
  for (const [name, { shape }] of weights) {
    const { first, second } = moments.get(name)!;
    tensors.set(FIRST + name, { shape, data: first });
    tensors.set(SECOND + name, { shape, data: second });
  }
  return tensors;
}

/** Copies a file's tensors. Throws InputError naming the tensor when names or shapes are not those of `targets`. */
export function copyTensors(stored: CheckpointFile, targets: NamedTensors): void {
  const file = stored.path;
  for (const name of stored.entries.keys()) {
    if (!targets.has(name)) {
      throw new InputError(`${file} holds "${name}", which the configured model does not have`);
    }
  }
  for (const [name, target] of targets) {
    const source = stored.entries.get(name);
    if (source?.shape.join() !== target.shape.join()) {
      throw new InputError(
        `${file}: "${name}" must have shape [${target.shape.join(', ')}], ` +
          (source === undefined ? 'but it is missing' : `got [${source.shape.join(', ')}]`),
      );
    }
    target.data.set(stored.read(name));
  }
}
