/** The numbers of a steering, without its pictures and maps. */
import { mean } from '../metrics/index.js';
import { meanActivation } from './concept-activation-map.js';
import type { SteeredScale, SteeringResult } from './steer.js';

/** Over seeds; the deviation is that of the sample, null for one seed. */
export interface MeanOverSeeds {
  readonly mean: number;
  readonly deviation: number | null;
}

export interface SteeringSummary {
  readonly scale: number;
  /** Mean over positions, those of the region by their weights. */
  readonly activation: {
    /** In the picture's own map. */
    readonly original: number;
    /** In the steered map. */
    readonly steered: number;
    /** In the maps of the pictures drawn from it. */
    readonly reconstructions: MeanOverSeeds;
  };
  /**
   * Factor of the picture's own part of the concept, see `conceptGain`: what was asked for, and what
   * came. Null where the picture holds nothing of the concept.
   */
  readonly gain: { readonly steered: number; readonly reconstructions: MeanOverSeeds } | null;
  /** Of the drawn pictures' maps to the steered map. */
  readonly cosine: MeanOverSeeds;
  /** The classes that change most against scale 1, the greatest change first. */
  readonly classes: readonly ClassChange[];
  readonly difference: {
    /** Mean over pixels and channels of the absolute mean difference, in 8-bit levels. */
    readonly meanAbsolute: number;
    /** Share of pixels that change more than the noise explains; null with one seed. */
    readonly significantShare: number | null;
  };
}

export interface ClassChange {
  readonly index: number;
  readonly label: string;
  /** By the rest of the classifier on the maps; null for an .onnx classifier that cannot be traced. */
  readonly predicted: Change | null;
  /** In the drawn pictures, mean over seeds. */
  readonly measured: Change;
}

/** Probabilities without and with steering. */
export interface Change {
  readonly unsteered: number;
  readonly steered: number;
}

/** One entry for each scale, in the result's order. `count` classes each. */
export function summariseSteering(
  result: SteeringResult,
  labels: readonly string[],
  count = 5,
): SteeringSummary[] {
  const { weights, activation, scales } = result;
  const reference = scales.find(({ scale }) => scale === 1)!;
  return scales.map((one) => ({
    scale: one.scale,
    activation: {
      original: meanActivation(activation, weights),
      steered: meanActivation(one.activation, weights),
      reconstructions: overSeeds(
        one.samples.map((sample) => meanActivation(sample.activation, weights)),
      ),
    },
    gain: gainOf(one),
    cosine: overSeeds(one.samples.map(({ cosine }) => cosine)),
    classes: changedClasses(reference, one, labels, count),
    difference: {
      meanAbsolute: one.difference.meanAbsolute,
      significantShare: one.difference.significance?.share ?? null,
    },
  }));
}

function gainOf({ gain, samples }: SteeredScale): SteeringSummary['gain'] {
  const gains = samples.flatMap((sample) => (sample.gain === null ? [] : [sample.gain]));
  return gain === null ? null : { steered: gain, reconstructions: overSeeds(gains) };
}

/** Ranked by the predicted change, or by the measured one where nothing can be predicted. */
function changedClasses(
  reference: SteeredScale,
  steered: SteeredScale,
  labels: readonly string[],
  count: number,
): ClassChange[] {
  const measured = { before: meanProbabilities(reference), after: meanProbabilities(steered) };
  const predicted =
    reference.predicted === null || steered.predicted === null
      ? null
      : { before: reference.predicted, after: steered.predicted };
  const { before, after } = predicted ?? measured;
  const size = (index: number): number => Math.abs(after[index]! - before[index]!);
  // Classes that do not change (scale 1) rank by their probability.
  const order = [...before.keys()].sort(
    (a, b) => size(b) - size(a) || before[b]! - before[a]! || a - b,
  );
  const at = (of: { before: Float64Array; after: Float64Array }, index: number): Change => ({
    unsteered: of.before[index]!,
    steered: of.after[index]!,
  });
  return order.slice(0, count).map((index) => ({
    index,
    label: labels[index] ?? `class ${index}`,
    predicted: predicted && at(predicted, index),
    measured: at(measured, index),
  }));
}

function meanProbabilities({ samples }: SteeredScale): Float64Array {
  return samples[0]!.probabilities.map((_, index) =>
    mean(samples.map(({ probabilities }) => probabilities[index]!)),
  );
}

function overSeeds(values: readonly number[]): MeanOverSeeds {
  const centre = mean(values);
  if (values.length === 1) return { mean: centre, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { mean: centre, deviation: Math.sqrt(squares / (values.length - 1)) };
}
