/**
 * Trains on the CPU and on WebGPU, there also with a break; prints how they compare: `training-run.ts small`,
 * or `denoiser` for a whole one.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readSafetensors } from '../../src/checkpoints/safetensors.js';
import { parseTrainingConfig } from '../../src/inversion/training-tasks.js';
import type { Device, SessionOptions } from '../../src/runtime/session.js';
import { trainerSchema, type TrainerConfig } from '../../src/training/config.js';
import type { TrainingTask } from '../../src/training/task.js';
import { train } from '../../src/training/trainer.js';
import { makeMicroModels, MICRO_DENOISER } from '../inversion/micro-models.js';
import { openSmallTask } from '../training/small-task.js';

export interface TrainingOnWebgpu {
  readonly losses: Readonly<Record<'cpu' | 'webgpu', readonly number[]>>;
  readonly gradientNorms: Readonly<Record<'cpu' | 'webgpu', readonly number[]>>;
  /** Norm of the difference over the norm of the CPU's change, for each file of a checkpoint. */
  readonly differences: Readonly<Record<string, number>>;
  /** Whether all tensors of the interrupted run are those of the other one. */
  readonly resumedAlike: boolean;
  readonly warnings: readonly string[];
}

const whole = process.argv[2] === 'denoiser';
const STEPS = 20;
const FILES = ['weights', 'optimizer', 'ema'];
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

const models = await makeMicroModels();
const cpu = await run('cpu', 'cpu');
const webgpu = await run('webgpu', 'webgpu');
await run('broken', 'webgpu', { steps: 7 });
const resumed = await run('broken', 'webgpu', { resume: true });
const result: TrainingOnWebgpu = {
  losses: { cpu: cpu.losses, webgpu: webgpu.losses },
  gradientNorms: { cpu: cpu.gradientNorms, webgpu: webgpu.gradientNorms },
  differences: Object.fromEntries(
    FILES.map((name) => [name, difference(tensors(webgpu, name), tensors(cpu, name))]),
  ),
  resumedAlike: FILES.every(
    (name) => difference(tensors(resumed, name), tensors(webgpu, name)) === 0,
  ),
  warnings,
};
await models.remove();
process.stdout.write(JSON.stringify(result));

interface Run {
  readonly losses: number[];
  readonly gradientNorms: number[];
  readonly checkpoint: string;
}

async function run(
  name: string,
  device: Device,
  { steps = STEPS, resume = false }: { steps?: number; resume?: boolean } = {},
): Promise<Run> {
  const directory = path.join(models.directory, name);
  await mkdir(directory, { recursive: true });
  const trainer = trainerSchema.parse({
    ...{ steps, batchSize: 2, accumulation: 2, learningRate: 1e-3, validateEvery: 0 },
  });
  const session = { device, threads: 1 };
  const task = await (whole ? openDenoiser(trainer, session) : openSmallTask(session));
  const [losses, gradientNorms]: [number[], number[]] = [[], []];
  const { checkpoint } = await train(task, trainer, {
    directory,
    resume,
    onStep: (step) => {
      losses.push(step.loss);
      gradientNorms.push(step.gradientNorm);
    },
  });
  return { losses, gradientNorms, checkpoint };
}

async function openDenoiser(
  trainer: TrainerConfig,
  session: SessionOptions,
): Promise<TrainingTask> {
  const { base, photographs } = models;
  const content = {
    type: 'denoiser',
    base,
    data: { photographs, heldOut: photographs, heldOutCropsPerImage: 1, validationCrops: 2 },
    model: MICRO_DENOISER,
    validationSteps: 1,
    trainer,
  };
  const config = await parseTrainingConfig(content, 'test.json');
  return config.open({ session, record: () => ({}) });
}

function tensors({ checkpoint }: Run, name: string): Float32Array {
  const all = readSafetensors(path.join(checkpoint, `${name}.safetensors`));
  return Float32Array.from([...all.values()].flatMap(({ data }) => Array.from(data)));
}

function difference(actual: Float32Array, expected: Float32Array): number {
  return Math.hypot(...actual.map((value, i) => value - expected[i]!)) / Math.hypot(...expected);
}
