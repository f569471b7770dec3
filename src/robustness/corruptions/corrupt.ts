import { InputError } from '../../errors.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { nearest } from '../../nearest.js';
import { Random } from '../../random.js';
import { SEVERITIES, type CorruptionOptions, type Severity } from './corruption.js';
import { CORRUPTION_KINDS, CORRUPTIONS, type CorruptionKind } from './registry.js';

/** Below it the kinds' lengths in pixels exceed the picture. */
export const MIN_CORRUPTED_SIDE = 32;

export interface CorruptOptions extends CorruptionOptions {
  /** A seed stands for the same numbers at all severities of a kind. Default: 0. */
  readonly seed?: number | string;
}

/**
 * A corrupted copy of a picture of at least 32×32 pixels. Throws InputError for a smaller picture, an
 * unknown kind or a severity other than 1 to 5.
 *
 * @example
 * const foggy = await corrupt(await readImage('photos/cat.jpg'), 'fog', 3, { seed: 7 });
 */
export async function corrupt(
  image: RgbImage,
  kind: CorruptionKind,
  severity: Severity,
  { seed = 0, ...options }: CorruptOptions = {},
): Promise<RgbImage> {
  const found = CORRUPTIONS.find((corruption) => corruption.kind === kind);
  if (found === undefined) {
    const near = nearest(kind, CORRUPTION_KINDS);
    const remedy =
      near === undefined ? `there are ${CORRUPTION_KINDS.join(', ')}` : `did you mean ${near}?`;
    throw new InputError(`no corruption is called "${kind}"; ${remedy}`);
  }
  if (!SEVERITIES.includes(severity)) {
    throw new InputError(`severity must be one of ${SEVERITIES.join(', ')}, got ${severity}`);
  }
  if (Math.min(image.width, image.height) < MIN_CORRUPTED_SIDE) {
    throw new InputError(
      `the picture has ${image.width}x${image.height} pixels; ` +
        `corruptions need at least ${MIN_CORRUPTED_SIDE} on each side`,
    );
  }
  const random = new Random(seed).fork(kind);
  return found.apply(image, severity, random, options);
}
