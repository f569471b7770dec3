/**
 * What a corruption is: a picture in, a worse one of the same size out. All kinds follow Hendrycks and
 * Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", 2019, with
 * the strengths for pictures of any size of Michaelis et al., "Benchmarking Robustness in Object
 * Detection", 2019. A kind whose result is random has a function that draws its field and one that
 * applies a field to a picture, so that the second can be compared with other implementations.
 */
import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';

/** 1 is the mildest. */
export const SEVERITIES = [1, 2, 3, 4, 5] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One value for each severity, mildest first. */
export type BySeverity<T> = readonly [T, T, T, T, T];

export const atSeverity = <T>(values: BySeverity<T>, severity: Severity): T =>
  values[severity - 1]!;

export interface CorruptionOptions {
  /** Pictures of ice for `frost`; without them its textures are drawn. */
  readonly frostTextures?: readonly RgbImage[];
}

/** Draws whatever chance decides from `random`; the picture has at least 32 pixels on each side. */
export type Corruption = (
  image: RgbImage,
  severity: Severity,
  random: Random,
  options?: CorruptionOptions,
) => RgbImage | Promise<RgbImage>;
