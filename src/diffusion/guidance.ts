/**
 * Classifier-free guidance (Ho and Salimans, 2022): noise = e_u + g (e_c - e_u), with the branches
 * of each mode described as data.
 */

import { InputError } from '../errors.js';
import type { Predict } from './samplers/prediction.js';

/** What one evaluation of the model is conditioned on. */
export interface Branch {
  /** The feature map's hint, or zeros. */
  readonly hint: 'features' | 'zero';
  /** The context of the prompt, or that of the empty prompt. */
  readonly context: 'prompt' | 'null';
}

const conditional: Branch = { hint: 'features', context: 'prompt' };

/**
 * The unconditional branch of each mode. `text` keeps the hint and extrapolates the prompt only;
 * `joint` is the pair that conditioning dropout trains.
 */
const unconditional = {
  text: { hint: 'features', context: 'null' },
  joint: { hint: 'zero', context: 'null' },
} as const satisfies Record<string, Branch>;

export type GuidanceMode = keyof typeof unconditional;

export const guidanceModes = Object.keys(unconditional) as GuidanceMode[];

export interface Guidance {
  readonly mode: GuidanceMode;
  /** g: 0 is unconditional, 1 conditional without guidance, above 1 extrapolates. */
  readonly scale: number;
}

/** The mode of that name; an unknown name is an input error that lists the known ones. */
export function parseGuidanceMode(name: string): GuidanceMode {
  const mode = guidanceModes.find((known) => known === name);
  if (mode === undefined) {
    throw new InputError(`guidance mode "${name}": unknown; give ${guidanceModes.join(' or ')}`);
  }
  return mode;
}

/** The branches to evaluate, unconditional first; scales 0 and 1 need only one. */
export function guidanceBranches({ mode, scale }: Guidance): Branch[] {
  if (!Number.isFinite(scale) || scale < 0) {
    throw new InputError(`guidance: ${scale} is not a scale; give a number of at least 0`);
  }
  if (scale === 1) return [conditional];
  if (scale === 0) return [unconditional[mode]];
  return [unconditional[mode], conditional];
}

/** e_u + g (e_c - e_u), from the predictions of `guidanceBranches` in their order. */
export function combineBranches(scale: number, predictions: readonly Float32Array[]): Float32Array {
  const [first, second] = predictions;
  if (first === undefined) throw new InputError('guidance: no predictions to combine');
  if (second === undefined) return first;
  return first.map((value, i) => value + scale * (second[i]! - value));
}

/** One call predicts all branches, so that they can run as one batch. */
export type PredictBranches = (
  x: Float32Array,
  t: number,
  branches: readonly Branch[],
  stepIndex: number,
) => Promise<readonly Float32Array[]>;

/** A guided noise predictor for `sample`. */
export function guidedNoise(guidance: Guidance, predictBranches: PredictBranches): Predict {
  const branches = guidanceBranches(guidance);
  return async (x, t, stepIndex) =>
    combineBranches(guidance.scale, await predictBranches(x, t, branches, stepIndex));
}
