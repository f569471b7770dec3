/** A ControlNet's gradients, AdamW steps and guided sampling beside diffusers' and PyTorch's. */
import type { BaseModel } from '../../../src/diffusion/base-model.js';
import { controlNet } from '../../../src/diffusion/controlnet.js';
import { guidedNoise } from '../../../src/diffusion/guidance.js';
import { sample } from '../../../src/diffusion/samplers/index.js';
import { unet, type DenoiserInputs } from '../../../src/diffusion/unet.js';
import { input, mean, mul, sub, type Tensor } from '../../../src/graph/index.js';
import { trainableParameters, type Parameters } from '../../../src/nn/index.js';
import { Random } from '../../../src/random.js';
import { Session, type SessionOptions } from '../../../src/runtime/session.js';
import { AdamW, type AdamWConfig } from '../../../src/training/adamw.js';
import { GradientStep } from '../../../src/training/gradient-step.js';
import { hashedTensors, unit, type HashedModel } from './hashed-models.js';
import { evenly, relativeError, type Reference } from './reference.js';

/** A model whose weights are hashed, in a file. */
export interface ReferenceModel {
  readonly model: HashedModel;
  readonly base: BaseModel;
}

export interface SteeredInputs extends DenoiserInputs {
  readonly features: Tensor;
}

/** Inputs of the denoiser with its ControlNet, and the values that the reference took; without timesteps. */
export function steeredInputs(
  { config, mapShape }: HashedModel,
  batch: number,
): { inputs: SteeredInputs; feeds: Record<string, Float32Array> } {
  const grid = config.imageSize / 8;
  const shapes = {
    latents: [batch, 4, grid, grid],
    context: [batch, 77, config.unet.contextWidth],
    features: [batch, ...mapShape],
  };
  const inputs = {
    latents: input('latents', shapes.latents),
    timesteps: input('timesteps', [batch]),
    context: input('context', shapes.context),
    features: input('features', shapes.features),
  };
  const feeds = Object.entries(shapes).map(([name, shape]) => [name, unit(name, shape)] as const);
  return { inputs, feeds: Object.fromEntries(feeds) };
}

export function steered(
  { model, base }: ReferenceModel,
  control: Parameters,
  inputs: SteeredInputs,
): Tensor {
  const { config, hintWidth } = model;
  const hint = { width: hintWidth };
  const residuals = controlNet(control, config.unet, hint, inputs, inputs.features);
  return unet(base.unet(), config.unet, inputs, residuals);
}

const LEARNING_RATE = 1e-4;
const ADAMW: AdamWConfig = {
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0.01,
  decayVectors: true,
};
/** How many elements of each tensor the reference kept at most. */
const KEPT = 24;

export interface TrainingErrors {
  /** Of the losses before each of three AdamW steps and after them, over the largest. */
  readonly losses: number;
  /** By tensor, over its largest value. */
  readonly gradients: ReadonlyMap<string, number>;
  /** Of the values' changes by the three steps, over the largest change that is possible, ascending. */
  readonly changes: readonly number[];
}

/** Gradients of the loss on one image for each timestep, and three AdamW steps on that batch. */
export async function compareTraining(
  place: ReferenceModel,
  reference: Reference,
  timesteps: readonly number[],
  options: SessionOptions & { recompute?: boolean } = {},
): Promise<TrainingErrors> {
  const { inputs, feeds } = steeredInputs(place.model, timesteps.length);
  const parameters = trainableParameters(hashedTensors(place.model.control), 0);
  const names = [...parameters.values.keys()].sort();
  const keptWeights = names.map((name) => kept(parameters.values.get(name)!.data));
  const error = sub(steered(place, parameters, inputs), input('noise', inputs.latents.shape));
  const step = GradientStep.trace(mean(mul(error, error)), parameters, {}, options);
  const optimizer = new AdamW(parameters.values, ADAMW);
  const batch = {
    ...feeds,
    timesteps: Float32Array.from(timesteps),
    noise: unit('noise', inputs.latents.shape),
  };
  const losses: number[] = [];
  const gradientErrors = new Map<string, number>();
  for (let i = 1; i <= 4; i++) {
    const { loss, gradients } = await step.run(batch);
    losses.push(loss);
    if (i === 1) {
      const maxima = reference.values('gradient maxima');
      const found = names.map((name) => kept(gradients.get(name)!));
      differences(reference.values('gradients'), found).forEach((each, k) => {
        gradientErrors.set(names[k]!, Math.max(...each) / maxima[k]!);
      });
    }
    if (i < 4) optimizer.update(gradients, i, LEARNING_RATE);
  }
  await step.dispose();
  const changed = names.map((name, k) =>
    kept(parameters.values.get(name)!.data).map((value, i) => value - keptWeights[k]![i]!),
  );
  const changes = differences(reference.values('changes'), changed).flatMap((each) => [...each]);
  return {
    losses: relativeError(Float32Array.from(losses), reference.values('losses')),
    gradients: gradientErrors,
    changes: changes.map((change) => change / (3 * LEARNING_RATE)).sort((a, b) => a - b),
  };
}

const kept = (values: Float32Array): Float32Array =>
  evenly(values, Math.ceil(values.length / Math.ceil(values.length / KEPT)));

/** Absolute differences to what the reference kept, tensor by tensor. */
function differences(expected: Float32Array, tensors: readonly Float32Array[]): Float32Array[] {
  let at = 0;
  const parts = tensors.map((values) => {
    const start = at;
    at += values.length;
    return values.map((value, i) => Math.abs(value - expected[start + i]!));
  });
  if (at !== expected.length) throw new Error(`${at} values instead of ${expected.length}`);
  return parts;
}

const STEPS = 10;

/** Errors of ten DDIM steps with guidance 1.75, whose branch without the prompt keeps the hint. */
export async function compareTrajectory(
  place: ReferenceModel,
  control: Parameters,
  reference: Reference,
  options: SessionOptions = {},
): Promise<number[]> {
  const { model, base } = place;
  const { inputs, feeds } = steeredInputs(model, 2);
  const session = await Session.compile({ noise: steered(place, control, inputs) }, options);
  const one = unit('features', model.mapShape);
  const features = new Float32Array(2 * one.length);
  features.set(one);
  features.set(one, one.length);
  const errors: number[] = [];
  const [, ...shape] = inputs.latents.shape;
  await sample({
    predictNoise: guidedNoise({ mode: 'text', scale: 1.75 }, async (x, t) => {
      const latents = Float32Array.of(...x, ...x);
      const timesteps = Float32Array.of(t, t);
      const { noise } = await session.run({ ...feeds, features, latents, timesteps });
      return [noise.subarray(0, x.length), noise.subarray(x.length)];
    }),
    schedule: base.schedule,
    sampler: 'ddim',
    steps: STEPS,
    eta: 0,
    latents: unit('latents', [1, ...shape]),
    random: new Random(0),
    onStep: ({ done, x }) => void errors.push(reference.error(`latents ${done - 1}`, x)),
  });
  await session.dispose();
  return errors;
}
