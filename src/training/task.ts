import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { Tensor } from '../graph/index.js';
import type { RgbImage } from '../images/rgb-image.js';
import type { Random } from '../random.js';
import type { DeviceTensor, DeviceTensors } from '../runtime/device-tensor.js';
import type { MemoryNeed } from '../runtime/memory-need.js';
import type { HostValues, SessionOptions } from '../runtime/session.js';
import type { MicroBatch } from './training-state.js';

/** A micro-batch and one gradient for each parameter, of its length. */
export interface GradientResult<Gradient = Float32Array> extends MicroBatch {
  readonly gradients: ReadonlyMap<string, Gradient>;
}

/** A step that runs on a device, where the weights are. */
export interface DeviceTask {
  /** For the sessions of the optimiser. */
  readonly session: SessionOptions;
  gradients(rng: Random, weights: DeviceTensors): Promise<GradientResult<DeviceTensor>>;
}

/** A step as a graph, for those who run several of them at once. */
export interface TracedTask {
  /** For the sessions of the run. */
  readonly session: SessionOptions;
  /** Loss, gradients and metrics of one micro-batch, whose inputs are the parameters and what is drawn. */
  readonly loss: Tensor;
  /** By parameter. */
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** By name. */
  readonly metrics: ReadonlyMap<string, Tensor>;
  /** The feeds of a micro-batch. */
  draw(rng: Random): Promise<Readonly<Record<string, HostValues>>>;
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
  /** Of one micro-batch's forward and backward pass, beside the parameters and their gradients; where it is known. */
  readonly memory?: MemoryNeed;
  /** Of the sessions that only validation opens, while the step's stays open. */
  readonly validationMemory?: MemoryNeed;
  /** Draws only from `rng`, so that a micro-batch can be repeated. */
  gradients(rng: Random): Promise<GradientResult>;
  /** Given when the step runs on a device; it is used instead of `gradients`. */
  readonly device?: DeviceTask | undefined;
  /** Given when the step is a graph. */
  readonly traced?: TracedTask;
  /** Judges the given weights on fixed data with fixed seeds; changes nothing. */
  validate(parameters: NamedTensors): Promise<ValidationResult>;
  /** Writes the weights to release into an existing directory. */
  save(parameters: NamedTensors, directory: string): Promise<void>;
  /** Frees what training steps hold. */
  dispose?(): Promise<void>;
}
