import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { Random } from '../random.js';
import type { TrainTensors } from './checkpoint.js';

/** A micro-batch as the log sees it. */
export interface MicroBatch {
  readonly loss: number;
  /** Further numbers worth logging, such as the parts of the loss. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** An optimiser step's gradients, averaged over the micro-batches and not yet clipped. */
export interface UpdateResult {
  readonly gradientNorm: number;
  /** A gradient that is not finite, when the norm is not. */
  readonly culprit?: string | undefined;
}

/** Weights, moments, gradients and moving average, and the place that computes with them. */
export interface TrainingState {
  /** In host memory. The first step reads them; later steps may work elsewhere until `fetch`. */
  readonly tensors: TrainTensors;
  /** Computes one micro-batch and adds its gradients to the step's. */
  accumulate(random: Random): Promise<MicroBatch>;
  /**
   * Takes optimiser step number `step` (from 1) with the gradients so far and forgets these. A norm that is
   * not finite leaves everything else as it was.
   */
  update(step: number, learningRate: number): Promise<UpdateResult>;
  /** Brings `tensors` up to date. */
  fetch(): Promise<void>;
}

/** The weights to validate and release. */
export const releasedWeights = ({ average, weights }: TrainTensors): NamedTensors =>
  average ?? weights;
