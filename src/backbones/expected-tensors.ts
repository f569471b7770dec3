import { InputError } from '../errors.js';
import { input, sameShape, show, type Shape } from '../graph/index.js';
import { recordShapes } from '../nn/index.js';
import type { BackboneFamily, LayerInfo } from './backbone.js';

/** What a network consists of at one input size. */
export interface NetworkOutline {
  /** Shapes of its tensors by name, running statistics included. */
  readonly tensors: ReadonlyMap<string, Shape>;
  /** From the first layer to the last. */
  readonly layers: readonly LayerInfo[];
}

/** Traces a network without weights. */
export function outlineOf(family: BackboneFamily, size: number): NetworkOutline {
  const images = input('images', [1, 3, size, size]);
  const { result, shapes } = recordShapes((p) => family.trace(p, images));
  const layers = [...result.taps].map(([name, { shape }]): LayerInfo => {
    const [, channels, height, width] = shape as [number, number, number, number];
    return { name, shape: [channels, height, width] };
  });
  return { tensors: shapes, layers };
}

/** Tensors of checkpoints that follow from the architecture, or only matter in training. */
const IGNORED =
  /(^|\.)(num_batches_tracked|relative_coords_table|relative_position_index|attn_mask)$/;

/** How many problems an error names. */
const NAMED = 10;

/**
 * Throws one InputError that counts all tensors of a file that are missing, misshapen or not the
 * network's, and names the first ten. A file with more layers than the network is another network's.
 */
export function checkTensors(
  origin: string,
  network: string,
  expected: ReadonlyMap<string, Shape>,
  found: ReadonlyMap<string, Shape>,
): void {
  const problems = [
    ...[...expected].flatMap(([name, shape]) => {
      const given = found.get(name);
      if (given === undefined) return [`"${name}" ${show(shape)} is missing`];
      if (sameShape(given, shape)) return [];
      return [`"${name}" is ${show(given)} instead of ${show(shape)}`];
    }),
    ...[...found.keys()]
      .filter((name) => !expected.has(name) && !IGNORED.test(name))
      .map((name) => `"${name}" is not a part of it`),
  ];
  if (problems.length === 0) return;
  const shown = problems.slice(0, NAMED).join('; ');
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : '';
  const count = problems.length === 1 ? '1 tensor is' : `${problems.length} tensors are`;
  throw new InputError(
    `${origin} does not hold the weights of ${network}, ${count} wrong: ${shown}${more}`,
  );
}
