import { add, input, mul, type Tensor } from '../../graph/index.js';
import type { Schedule } from '../../diffusion/schedule.js';
import type { Random } from '../../random.js';

/** How errors of the predicted noise are weighted over timesteps. */
export interface LossWeighting {
  /** Weight min(1 / ᾱ_t, cap): 1 is the plain loss, larger caps stress noisy steps, where layout is decided. */
  readonly cap: number;
}

/** The forward process of a batch, as graph inputs: x_t = √ᾱ x_0 + √(1 - ᾱ) ε. */
export interface NoisedBatch {
  readonly noisy: Tensor;
  readonly noise: Tensor;
  /** √ᾱ and √(1 − ᾱ) of each image, [N, 1, 1, 1]. */
  readonly signal: Tensor;
  readonly sigma: Tensor;
  readonly timesteps: Tensor;
  /** [N, 1, 1, 1] weight of each image's error. */
  readonly weight: Tensor;
}

export function noisedBatch(clean: Tensor): NoisedBatch {
  const n = clean.dim(0);
  const column = (name: string): Tensor => input(name, [n, 1, 1, 1]);
  const noise = input('noise', clean.shape);
  const [signal, sigma] = [column('signal'), column('sigma')];
  return {
    noisy: add(mul(clean, signal), mul(noise, sigma)),
    noise,
    signal,
    sigma,
    timesteps: input('timesteps', [n]),
    weight: column('weight'),
  };
}

/** Draws timesteps and noise for `noisedBatch`; `size` values for each of `count` images. */
export function drawNoise(
  random: Random,
  schedule: Schedule,
  count: number,
  size: number,
  { cap }: LossWeighting,
): Record<string, Float32Array> {
  const timesteps = Float32Array.from({ length: count }, () => random.int(schedule.trainingSteps));
  const alphas = Array.from(timesteps, (t) => schedule.alphasCumprod[t]!);
  return {
    timesteps,
    signal: Float32Array.from(alphas, Math.sqrt),
    sigma: Float32Array.from(alphas, (a) => Math.sqrt(1 - a)),
    weight: Float32Array.from(alphas, (a) => Math.min(1 / a, cap)),
    noise: random.fillNormal(new Float32Array(count * size)),
  };
}
