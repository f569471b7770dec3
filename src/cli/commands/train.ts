import path from 'node:path';

import { InputError } from '../../errors.js';
import { startingSettings } from '../../inversion/initial-control-net.js';
import { TrainingRecord } from '../../inversion/training-record.js';
import { parseTrainingConfig, type TrainingConfig } from '../../inversion/training-tasks.js';
import { readJsonFile } from '../../parse-config.js';
import { ROUNDS_FIELD } from '../../training/rounds/index.js';
import type { TrainingTask } from '../../training/task.js';
import { train, type TrainingProgress, type TrainingResult } from '../../training/trainer.js';
import { defineCommand, flag, optional, required } from '../command.js';
import type { CommandContext } from '../context.js';
import { machineBytes } from '../machine-memory.js';
import { integer, text } from '../option-parsers.js';
import { formatDuration, type Progress } from '../progress.js';
import { QUEUE_OPTIONS } from '../queue-options.js';
import { describeMetrics } from '../train/describe-metrics.js';
import { noteCompilation } from '../train/note-compilation.js';
import { describePlan } from '../train/describe-plan.js';
import { trainInRounds } from '../train/train-in-rounds.js';

export const command = defineCommand({
  description:
    'Trains an autoencoder, a denoiser or an inverter as a configuration file says. Ctrl-C stops with ' +
    'a checkpoint; --resume goes on from the newest one, after a crash as well, and ends with the ' +
    'same weights as a run without a break. With "rounds" in the file several workers train side by side and ' +
    'are averaged now and then: here one after another, with --queue on any machines. docs/training.md ' +
    'explains the configuration.',
  options: {
    config: required('--config <file>', 'configuration, JSON', text),
    resume: flag('--resume', 'go on from the newest checkpoint in --out'),
    init: optional(
      '--init <dir>',
      'inverter to begin with, as featinv init makes it: its base, backbone, layer and ControlNet take the ' +
        'place of the file’s',
      text,
    ),
    backbone: optional(
      '--backbone <id>',
      'classifier, perhaps NAME=FILE, instead of the file’s',
      text,
    ),
    steps: optional('--steps <n>', 'optimiser steps in all, instead of the file’s', integer(1)),
    ...QUEUE_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv train --config training/autoencoder.json --out runs/autoencoder',
    'featinv train --config training/autoencoder.json --out runs/autoencoder --resume',
    'featinv train --config training/sd1-convnext.json --init runs/untrained --out runs/sd1',
    'featinv train --config rounds.json --queue redis://queue:6379 --storage /mnt/shared',
  ],
  async run({ options, context }) {
    const value = withOverrides(await readJsonFile(options.config), {
      task: {
        ...(options.init !== undefined && (await startingSettings(options.init))),
        ...(options.backbone !== undefined && { backbone: options.backbone }),
      },
      trainer: {
        ...(options.steps !== undefined && { steps: options.steps }),
        ...(context.common.seed !== undefined && { seed: context.common.seed }),
      },
    });
    const config = await parseTrainingConfig(value, options.config);
    const directory = await context.outputDirectory(defaultDirectory(options.config));
    const signal = context.abortSignal({ isPatient: true });
    const again = `featinv train --config ${options.config} --out ${directory}`;
    context.keep(`the newest checkpoint is in ${directory}; go on with: ${again} --resume`);

    const { session } = context;
    const { threads } = context.common;
    const { rounds } = config;
    if (rounds) {
      const { resume } = options;
      await trainInRounds(
        { ...config, rounds },
        { directory, resume, again, session, options },
        context,
      );
      return;
    }
    if (options.queue !== undefined) {
      throw new InputError(
        `--queue shares training in rounds among workers, but ${options.config} has no "${ROUNDS_FIELD}"`,
      );
    }
    const record = new TrainingRecord(config);
    const task = await config.open({ session, record: () => record.toJson() });
    const memory = { held: process.memoryUsage.rss(), machine: machineBytes() };
    for (const line of describePlan({ config, task, directory, threads }, memory))
      context.note(line);
    noteCompilation((line) => context.note(line));
    const result = await run(task, config, {
      directory,
      resume: options.resume,
      signal,
      context,
      record,
    });
    report(context, result, directory, options.config);
  },
});

async function run(
  task: TrainingTask,
  config: TrainingConfig,
  options: {
    directory: string;
    resume: boolean;
    signal: AbortSignal;
    context: CommandContext;
    record: TrainingRecord;
  },
): Promise<TrainingResult> {
  const { context, record, directory, resume, signal } = options;
  let progress: Progress | undefined;
  const result = await train(task, config.trainer, {
    directory,
    taskConfig: config.task,
    resume,
    signal,
    onStart: (status) => {
      record.status = status;
      if (resume) context.note(`resumes after step ${status.step}`);
      progress = context.progress(config.type, {
        total: config.trainer.steps,
        unit: 'steps',
        start: status.step,
      });
    },
    onStep: (status) => {
      record.status = status;
      progress?.update(status.step, describeStep(status));
    },
    onValidation: (status) => {
      record.status = status;
      context.note(`validation at step ${status.step}: ${describeMetrics(status.validation)}`);
    },
    onWarning: (line) => context.note(`featinv: ${line}`),
  });
  progress?.finish();
  return result;
}

/** The file's content with what the command line gives in place of its own. */
function withOverrides(
  value: unknown,
  { task, trainer }: { task: Record<string, unknown>; trainer: Record<string, unknown> },
): unknown {
  if (typeof value !== 'object' || value === null || !('trainer' in value)) return value;
  if (typeof value.trainer !== 'object') return value;
  return { ...value, ...task, trainer: { ...value.trainer, ...trainer } };
}

function defaultDirectory(configFile: string): string {
  return path.join('runs', path.parse(configFile).name);
}

function describeStep(progress: TrainingProgress): string {
  const { loss, imagesPerSecond, validation } = progress;
  const parts = [`loss ${loss.toPrecision(4)}`, `${imagesPerSecond.toFixed(1)} images/s`];
  return [...parts, describeMetrics(validation)].filter((part) => part !== '').join(' · ');
}

function report(
  context: CommandContext,
  result: TrainingResult,
  directory: string,
  configFile: string,
): void {
  const { step, seconds, reason, model } = result;
  const again = `featinv train --config ${configFile} --out ${directory} --resume`;
  const state = {
    finished: `finished after ${step} steps and ${formatDuration(seconds)}`,
    minutes: `stopped after step ${step} by maxMinutes; go on with: ${again}`,
    interrupted: `interrupted after step ${step}; go on with: ${again}`,
  }[reason];
  context.report({ directory, ...result }, () =>
    [
      state,
      `validation: ${describeMetrics(result.validation)}`,
      `checkpoint: ${result.checkpoint}`,
      ...(model === undefined ? [] : [`weights:    ${model}`]),
    ].join('\n'),
  );
}
