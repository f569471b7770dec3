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

/** An optimiser step as the log sees it. */
export interface StepReport {
  /** Mean over the micro-batches. */
  readonly loss: number;
  /** Means of the task's further numbers. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of the averaged gradient before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Weights, moments, gradients and moving average, and the place that computes with them. */
interface HeldState {
  /** In host memory. The first step reads them; later steps may work elsewhere until `fetch`. */
  readonly tensors: TrainTensors;
  /** Brings `tensors` up to date. */
  fetch(): Promise<void>;
}

/** A state that is stepped from outside, micro-batch by micro-batch. */
export interface SteppedState extends HeldState {
  /** Computes one micro-batch and adds its gradients to the step's. */
  accumulate(random: Random): Promise<MicroBatch>;
  /**
   * Takes optimiser step number `step` (from 1) with the gradients so far and forgets these. A norm that is
   * not finite leaves everything else as it was.
   */
  update(step: number, learningRate: number): Promise<UpdateResult>;
}

/** A state that takes whole optimiser steps, several at once. */
export interface LoopedState extends HeldState {
  /** The most steps that it takes at once. */
  readonly stepsPerRun: number;
  /**
   * Takes `count` steps from number `first` (from 1) on, which draw from `random` as `optimizerStep` does. Throws
   * WorkError, with all weights untouched, where a loss or a gradient is not finite.
   */
  takeSteps(first: number, count: number, random: Random): Promise<StepReport[]>;
}

export type TrainingState = SteppedState | LoopedState;

/** The weights to validate and release. */
export const releasedWeights = ({ average, weights }: TrainTensors): NamedTensors =>
  average ?? weights;
