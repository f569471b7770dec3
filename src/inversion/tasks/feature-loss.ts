/** How much of a map is lost in the picture that a denoising step leads to: an addition to FeatInv's loss. */
import { decode, restoreLatents } from '../../diffusion/autoencoder.js';
import type { BaseModel } from '../../diffusion/base-model.js';
import { div, mean, mul, sub, type Tensor } from '../../graph/index.js';
import { mapCosine } from './map-cosine.js';
import type { NoisedBatch } from './noise.js';

export interface FeatureLossInputs {
  readonly base: BaseModel;
  /** Noise that the steered UNet predicts, [N, 4, h, w]. */
  readonly predicted: Tensor;
  readonly batch: NoisedBatch;
  /** The classifier's map of traced pictures in [-1, 1]. */
  readonly mapOf: (images: Tensor) => Tensor;
  /** Maps that the pictures should have, [N, C, H, W]. */
  readonly maps: Tensor;
  /** [N, 1, 1, 1], 0 for images that are not conditioned. */
  readonly keep: Tensor;
}

/**
 * Mean of ᾱ (1 − cosine per position) between the map of the clean picture that the predicted noise
 * implies, x̂₀ = (x_t − √(1 − ᾱ) ε̂) / √ᾱ decoded, and the wanted map. The factor ᾱ fades out steps so
 * noisy that x̂₀ is not a picture yet, and keeps their gradient small.
 */
export function featureLoss(inputs: FeatureLossInputs): Tensor {
  const { base, predicted, batch, mapOf, maps, keep } = inputs;
  const { noisy, signal, sigma } = batch;
  const { autoencoder } = base.config;
  const clean = div(sub(noisy, mul(predicted, sigma)), signal);
  const pictures = decode(base.autoencoder(), autoencoder, restoreLatents(autoencoder, clean));
  const lost = sub(1, mean(mapCosine(mapOf(pictures), maps), [1, 2, 3], true));
  return mean(mul(mul(lost, mul(signal, signal)), keep));
}
