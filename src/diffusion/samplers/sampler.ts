/** What a sampler supplies: one step from a noise level to the next, cleaner one. */

/** One step's view of the loop. All arrays have the sample's length; none may be written to. */
export interface StepInput {
  /** The sample at the current noise level. */
  readonly x: Float32Array;
  /** Predicted noise in x. */
  readonly noise: Float32Array;
  /** Predicted clean sample, (x - sqrt(1 - alphaBar) noise) / sqrt(alphaBar). */
  readonly clean: Float32Array;
  /** abar at the current level and at the next; alphaBarNext >= alphaBar. */
  readonly alphaBar: number;
  readonly alphaBarNext: number;
  /** Whether the next level is the last. */
  readonly isLast: boolean;
  /** Share of fresh noise, from 0 (none) to 1 (as much as DDPM). */
  readonly eta: number;
  /** Fresh standard normal noise of the sample's length; called only when it is used. */
  readonly drawNoise: () => Float32Array;
  /** The step before, absent at the first; for multistep methods. */
  readonly previous?: { readonly clean: Float32Array; readonly alphaBar: number };
}

export interface Sampler {
  readonly name: string;
  /** Whether `eta` above 0 means something to this sampler. */
  readonly stochastic: boolean;
  /** The sample at the next noise level, a new array. */
  step(input: StepInput): Float32Array;
}
