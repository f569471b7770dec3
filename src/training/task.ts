import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { RgbImage } from '../images/rgb-image.js';
import type { Random } from '../random.js';

/** Loss and gradients of one micro-batch. */
export interface GradientResult {
  readonly loss: number;
  /** One array for each parameter, of its length. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Further numbers worth logging, such as the parts of the loss. */
  readonly metrics?: Readonly<Record<string, number>>;
}

export interface ValidationResult {
  readonly metrics: Readonly<Record<string, number>>;
  /** Sample pictures by name. */
  readonly grids: Readonly<Record<string, RgbImage>>;
}

/** One part of a model that the trainer can train. */
export interface TrainingTask {
  /** Trained in place. */
  readonly parameters: NamedTensors;
  /** Floating-point operations of one micro-batch, where they are known. */
  readonly flops?: number;
  /** Draws only from `rng`, so that a micro-batch can be repeated. */
  gradients(rng: Random): Promise<GradientResult>;
  /** Judges the given weights on fixed data with fixed seeds; changes nothing. */
  validate(parameters: NamedTensors): Promise<ValidationResult>;
  /** Writes the weights to release into an existing directory. */
  save(parameters: NamedTensors, directory: string): Promise<void>;
}
