import { brightness } from './brightness.js';
import { contrast } from './contrast.js';
import type { Corruption } from './corruption.js';
import { defocusBlur } from './defocus-blur.js';
import { elasticTransform } from './elastic-transform.js';
import { fog } from './fog.js';
import { frost } from './frost.js';
import { gaussianBlur } from './gaussian-blur.js';
import { gaussianNoise } from './gaussian-noise.js';
import { glassBlur } from './glass-blur.js';
import { impulseNoise } from './impulse-noise.js';
import { jpegCompression } from './jpeg-compression.js';
import { motionBlur } from './motion-blur.js';
import { pixelate } from './pixelate.js';
import { saturate } from './saturate.js';
import { shotNoise } from './shot-noise.js';
import { snow } from './snow.js';
import { spatter } from './spatter.js';
import { speckleNoise } from './speckle-noise.js';
import { zoomBlur } from './zoom-blur.js';

/** The benchmark's four groups; `extra` holds the kinds that it keeps for tuning. */
export const CORRUPTION_GROUPS = ['noise', 'blur', 'weather', 'digital', 'extra'] as const;
export type CorruptionGroup = (typeof CORRUPTION_GROUPS)[number];

export interface RegisteredCorruption {
  readonly kind: string;
  readonly group: CorruptionGroup;
  readonly apply: Corruption;
}

/** By the names and in the order of the benchmark. */
export const CORRUPTIONS = [
  { kind: 'gaussian_noise', group: 'noise', apply: gaussianNoise },
  { kind: 'shot_noise', group: 'noise', apply: shotNoise },
  { kind: 'impulse_noise', group: 'noise', apply: impulseNoise },
  { kind: 'defocus_blur', group: 'blur', apply: defocusBlur },
  { kind: 'glass_blur', group: 'blur', apply: glassBlur },
  { kind: 'motion_blur', group: 'blur', apply: motionBlur },
  { kind: 'zoom_blur', group: 'blur', apply: zoomBlur },
  { kind: 'snow', group: 'weather', apply: snow },
  { kind: 'frost', group: 'weather', apply: frost },
  { kind: 'fog', group: 'weather', apply: fog },
  { kind: 'brightness', group: 'weather', apply: brightness },
  { kind: 'contrast', group: 'digital', apply: contrast },
  { kind: 'elastic_transform', group: 'digital', apply: elasticTransform },
  { kind: 'pixelate', group: 'digital', apply: pixelate },
  { kind: 'jpeg_compression', group: 'digital', apply: jpegCompression },
  { kind: 'speckle_noise', group: 'extra', apply: speckleNoise },
  { kind: 'gaussian_blur', group: 'extra', apply: gaussianBlur },
  { kind: 'spatter', group: 'extra', apply: spatter },
  { kind: 'saturate', group: 'extra', apply: saturate },
] as const satisfies readonly RegisteredCorruption[];

export type CorruptionKind = (typeof CORRUPTIONS)[number]['kind'];

/** In the order of `CORRUPTIONS`. */
export const CORRUPTION_KINDS: readonly CorruptionKind[] = CORRUPTIONS.map(({ kind }) => kind);
