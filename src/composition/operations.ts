/** Ways to make one feature map of several, each with a weight α that leads from the first map away. */
import { InputError } from '../errors.js';
import type { FeatureMap } from '../inversion/inverter.js';
import { nearest } from '../nearest.js';

export interface Operands {
  /** Maps of one shape [C, H, W]: A, B and, where the operation takes three, C. */
  readonly maps: readonly FeatureMap[];
  readonly alpha: number;
  /** Share of each position that is changed, [H · W], 0 to 1; by default all of it everywhere. */
  readonly weights?: Float32Array | undefined;
}

export interface Composition {
  readonly name: string;
  /** One line for the help text. */
  readonly summary: string;
  /** Number of maps. */
  readonly maps: 2 | 3;
  readonly compose: (operands: Operands) => FeatureMap;
}

/** Below this sine two directions are treated as parallel or opposite. */
const PARALLEL = 1e-6;

const elementwise =
  (change: (values: readonly number[], alpha: number) => number): Composition['compose'] =>
  ({ maps, alpha, weights }) => {
    const [first] = maps as readonly [FeatureMap, ...FeatureMap[]];
    const positions = first.shape[1] * first.shape[2];
    const data = first.data.map((a, i) => {
      const share = alpha * (weights?.[i % positions] ?? 1);
      // Untouched values stay the same bits, so that their picture does as well.
      if (share === 0) return a;
      return change(
        maps.map((map) => map.data[i]!),
        share,
      );
    });
    return { shape: first.shape, data };
  };

/** The convex combination (1 − α) A + α B of FeatInv (arXiv 2505.21032). */
const lerp = elementwise(([a, b], t) => (1 - t) * a! + t * b!);

/**
 * Per position, the direction turns along the great circle from A's to B's (Shoemake 1985) while the
 * length changes linearly. Zero, parallel and opposite vectors are interpolated linearly.
 */
const slerp: Composition['compose'] = (operands) => {
  const linear = lerp(operands);
  const { maps, alpha, weights } = operands;
  const [a, b] = maps as readonly [FeatureMap, FeatureMap];
  const [channels, height, width] = a.shape;
  const positions = height * width;
  for (let p = 0; p < positions; p++) {
    const t = alpha * (weights?.[p] ?? 1);
    if (t === 0 || t === 1) continue;
    let [aa, bb, ab] = [0, 0, 0];
    for (let c = 0; c < channels; c++) {
      const [x, y] = [a.data[c * positions + p]!, b.data[c * positions + p]!];
      aa += x * x;
      bb += y * y;
      ab += x * y;
    }
    const [lengthA, lengthB] = [Math.sqrt(aa), Math.sqrt(bb)];
    const cosine = Math.min(1, Math.max(-1, ab / (lengthA * lengthB)));
    const angle = Math.acos(cosine);
    const sine = Math.sin(angle);
    if (!(sine > PARALLEL)) continue;
    const length = (1 - t) * lengthA + t * lengthB;
    const fromA = (length * Math.sin((1 - t) * angle)) / (sine * lengthA);
    const fromB = (length * Math.sin(t * angle)) / (sine * lengthB);
    for (let c = 0; c < channels; c++) {
      const i = c * positions + p;
      linear.data[i] = fromA * a.data[i]! + fromB * b.data[i]!;
    }
  }
  return linear;
};

/** In the order of the help text. */
export const COMPOSITIONS: readonly Composition[] = [
  { name: 'lerp', summary: '(1 − α) A + α B', maps: 2, compose: lerp },
  { name: 'slerp', summary: 'from A to B on a circle, per position', maps: 2, compose: slerp },
  { name: 'sum', summary: 'A + α B', maps: 2, compose: elementwise(([a, b], t) => a! + t * b!) },
  {
    name: 'max',
    summary: 'from A to the larger of A and B, per value',
    maps: 2,
    compose: elementwise(([a, b], t) => a! + t * Math.max(b! - a!, 0)),
  },
  { name: 'paste', summary: 'a region of B in A', maps: 2, compose: lerp },
  {
    name: 'arithmetic',
    summary: 'A + α (C − B): A without B, with C',
    maps: 3,
    compose: elementwise(([a, b, c], t) => a! + t * (c! - b!)),
  },
];

/** Throws InputError with the nearest name for an operation that does not exist. */
export function findComposition(name: string): Composition {
  const found = COMPOSITIONS.find((composition) => composition.name === name);
  if (found !== undefined) return found;
  const names = COMPOSITIONS.map((composition) => composition.name);
  const near = nearest(name, names);
  throw new InputError(
    `there is no operation "${name}"${near === undefined ? '' : `; did you mean "${near}"?`} (known: ${names.join(', ')})`,
  );
}
