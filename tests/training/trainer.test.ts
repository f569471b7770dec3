import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { InputError, WorkError } from '../../src/errors.js';
import { readImage } from '../../src/images/read-image.js';
import { checkpointName, listSteps } from '../../src/training/checkpoint-files.js';
import { trainerSchema } from '../../src/training/config.js';
import { train, type TrainingOptions } from '../../src/training/trainer.js';
import { openToyTask, type ToyOptions } from './toy-task.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'featinv-trainer-'));
});

afterEach(() => rm(directory, { recursive: true }));

const settings = {
  steps: 20,
  batchSize: 8,
  learningRate: 0.05,
  seed: 1,
  validateEvery: 10,
  checkpointEvery: 5,
  logEvery: 4,
};

function trainToy(
  trainer: Record<string, unknown> = {},
  options: Omit<TrainingOptions, 'directory'> = {},
  toy: ToyOptions = {},
) {
  const config = trainerSchema.parse({ ...settings, ...trainer });
  return train(openToyTask(toy), config, { directory, ...options });
}

const checkpoint = (step: number, file: string): string =>
  path.join(directory, 'checkpoints', checkpointName(step), file);

async function readLog(): Promise<Record<string, unknown>[]> {
  const text = await readFile(path.join(directory, 'log.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('train', () => {
  it('fits the weights, logs, validates, draws samples and saves', async () => {
    const rates: number[] = [];
    const result = await trainToy(
      { steps: 200, validateEvery: 100, checkpointEvery: 50, logEvery: 50 },
      { onStep: ({ imagesPerSecond }) => rates.push(imagesPerSecond) },
    );
    expect(result).toMatchObject({ step: 200, images: 1600, reason: 'finished' });
    expect(result.validation['weightError']).toBeLessThan(0.05);
    expect(result.model).toBe(path.join(directory, 'model'));
    expect(await readFile(path.join(directory, 'model', 'toy.safetensors'))).not.toHaveLength(0);
    expect(rates).toHaveLength(200);
    expect(Math.min(...rates)).toBeGreaterThan(0);

    const log = await readLog();
    expect(log.map(({ type, step }) => `${String(type)} ${String(step)}`)).toEqual([
      'step 50',
      'step 100',
      'validation 100',
      'step 150',
      'step 200',
      'validation 200',
    ]);
    expect(log[0]).toMatchObject({ images: 400, learningRate: 0.05 });
    for (const key of ['loss', 'rootLoss', 'gradientNorm', 'imagesPerSecond', 'seconds']) {
      expect(log[0]![key]).toBeGreaterThan(0);
    }
    const grid = path.join(directory, 'samples', 'step-000100-weights.png');
    expect(await readImage(grid)).toMatchObject({ width: 16, height: 16 });
  });

  it('keeps the last two checkpoints', async () => {
    await trainToy();
    expect(await listSteps(path.join(directory, 'checkpoints'))).toEqual([20, 15]);
  });

  it('does nothing twice when a finished run is resumed', async () => {
    await trainToy();
    const before = await readFile(path.join(directory, 'log.jsonl'), 'utf8');
    const result = await trainToy({}, { resume: true });
    expect(result).toMatchObject({ step: 20, reason: 'finished' });
    expect(await readFile(path.join(directory, 'log.jsonl'), 'utf8')).toBe(before);
  });

  it('stops with a checkpoint when its time is over', async () => {
    const stopped = await trainToy({ maxMinutes: 1e-9 });
    expect(stopped).toMatchObject({ step: 1, reason: 'minutes' });
    expect(stopped.model).toBeDefined();
    const finished = await trainToy({}, { resume: true });
    expect(finished).toMatchObject({ step: 20, reason: 'finished' });
  });

  it('catches up on a validation that an interruption came before', async () => {
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }): void => {
      if (step === 10) controller.abort();
    };
    const first = await trainToy({}, { signal: controller.signal, onStep });
    expect(first).toMatchObject({ step: 10, reason: 'interrupted', model: undefined });
    await trainToy({}, { resume: true });
    const validations = (await readLog()).filter(({ type }) => type === 'validation');
    expect(validations.map(({ step }) => step)).toEqual([10, 20]);
  });
});

describe('a loss or gradient that is not finite', () => {
  it.each([
    ['loss', /^step 13: the loss is NaN; the last checkpoint is kept/],
    ['gradient', /^step 13: the gradient of "bias" is not finite; the last checkpoint is kept/],
  ] as const)('stops the run: %s', async (what, message) => {
    const run = trainToy({ accumulation: 2 }, {}, { breaks: { at: 25, what } });
    await expect(run).rejects.toThrow(WorkError);
    await expect(run).rejects.toThrow(message);
    expect(await listSteps(path.join(directory, 'checkpoints'))).toEqual([10, 5]);
    expect(await trainToy({ accumulation: 2 }, { resume: true })).toMatchObject({ step: 20 });
  });
});

describe('starting and resuming', () => {
  it('refuses to resume where there is nothing', async () => {
    await expect(trainToy({}, { resume: true })).rejects.toThrow(
      `${directory} holds no checkpoint to resume; start it without resuming`,
    );
  });

  it('refuses to start over an existing run', async () => {
    await trainToy();
    await expect(trainToy()).rejects.toThrow(
      `${directory} already holds a run at step 20: resume it, or train in another directory`,
    );
  });

  it('refuses a changed setting by name', async () => {
    await trainToy();
    const run = trainToy({ steps: 30, learningRate: 0.1 }, { resume: true });
    await expect(run).rejects.toThrow(InputError);
    await expect(run).rejects.toThrow(
      `"trainer.learningRate" is 0.1, but the run in ${directory} was started with 0.05`,
    );
  });

  it('refuses fewer steps than are done, and goes on to more', async () => {
    await trainToy();
    await expect(trainToy({ steps: 19 }, { resume: true })).rejects.toThrow(
      'steps must be at least 20, where the run in',
    );
    expect(await trainToy({ steps: 25 }, { resume: true })).toMatchObject({ step: 25 });
  });

  it('names a tensor that the checkpoint has and the model has not', async () => {
    await trainToy();
    const task = openToyTask();
    task.parameters.delete('bias');
    const run = train(task, trainerSchema.parse(settings), { directory, resume: true });
    await expect(run).rejects.toThrow('holds "bias", which the configured model does not have');
  });
});

describe('a damaged checkpoint', () => {
  const damages: [string, (file: string) => Promise<void>, string][] = [
    ['cut short', (file) => truncate(file, 100), 'weights.safetensors has 100 bytes instead of'],
    ['missing', (file) => rm(file), 'no such file or directory'],
    ['changed', flipLastByte, 'the content of weights.safetensors has changed'],
  ];

  it.each(damages)('is passed over with a warning: weights %s', async (_, damage, reason) => {
    await trainToy();
    const whole = await readFile(checkpoint(20, 'weights.safetensors'));
    await damage(checkpoint(20, 'weights.safetensors'));
    const warnings: string[] = [];
    await trainToy({}, { resume: true, onWarning: (line) => warnings.push(line) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('step-000020 is damaged and is passed over: ');
    expect(warnings[0]).toContain(reason);
    expect(await readFile(checkpoint(20, 'weights.safetensors'))).toEqual(whole);
  });

  it('is passed over when its state file is broken', async () => {
    await trainToy();
    await writeFile(checkpoint(20, 'train-state.json'), '{"format": 1, ');
    const warnings: string[] = [];
    const result = await trainToy({}, { resume: true, onWarning: (line) => warnings.push(line) });
    expect(result.step).toBe(20);
    expect(warnings[0]).toContain('train-state.json');
  });

  it('is an error when no other is whole', async () => {
    await trainToy();
    await rm(checkpoint(15, 'train-state.json'));
    await truncate(checkpoint(20, 'optimizer.safetensors'), 0);
    await expect(trainToy({}, { resume: true })).rejects.toThrow(
      'holds no whole checkpoint: 2 damaged; train from the beginning in another directory',
    );
  });
});

async function flipLastByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(file, bytes);
}
