/** The tensors of one network under diffusers' names, whatever its file calls them. */
import {
  checkpointFile,
  type CheckpointEntry,
  type CheckpointFile,
} from '../checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { InputError } from '../errors.js';
import { sameShape, show, type Shape } from '../graph/index.js';
import type { ExpectedShapes } from './expected-shapes.js';

/** What a file calls the tensor of a diffusers name. */
export type Naming = (name: string) => string;

export const sameName: Naming = (name) => name;

/** Where a network's weights are looked for. */
export interface WeightsPlace {
  readonly file: CheckpointFile;
  readonly expected: ExpectedShapes;
  /** The one that finds most is taken. */
  readonly namings: readonly Naming[];
}

/** The weights under diffusers' names, and a clause for each tensor that is missing or misshapen. */
export interface FoundWeights {
  readonly weights: CheckpointFile;
  readonly problems: readonly string[];
}

/** A matrix may be stored as a 1×1 convolution, and the other way round. */
export function findWeights({ file, expected, namings }: WeightsPlace): FoundWeights {
  const names = [...expected.keys()];
  const fits = namings.map((naming) => names.filter((x) => file.entries.has(naming(x))).length);
  const naming = namings[fits.indexOf(Math.max(...fits))]!;
  const entries = new Map<string, CheckpointEntry>();
  const problems: string[] = [];
  for (const [name, shape] of expected) {
    const stored = naming(name);
    const entry = file.entries.get(stored);
    if (entry === undefined) {
      problems.push(`"${stored}" ${show(shape)} is missing`);
    } else if (!sameShape(withoutKernel(entry.shape), withoutKernel(shape))) {
      problems.push(`"${stored}" is ${show(entry.shape)} instead of ${show(shape)}`);
    } else {
      entries.set(name, { ...entry, shape });
    }
  }
  const bytesOf = (_: unknown, name: string) => file.readBytes(naming(name));
  return { weights: checkpointFile(file.path, entries, {}, bytesOf), problems };
}

const withoutKernel = (shape: Shape): Shape =>
  shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape;

/** How many problems an error names. */
const NAMED = 10;

/** Throws one InputError that counts all problems and names the first ten. */
export function refuseProblems(origin: string, network: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, NAMED).join('; ');
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : '';
  const count = problems.length === 1 ? '1 tensor is' : `${problems.length} tensors are`;
  throw new InputError(
    `${origin} does not hold the weights of ${network}, ${count} missing or misshapen: ${shown}${more}`,
  );
}

/** `findWeights`, where anything wrong is an error. */
export function checkedWeights(network: string, place: WeightsPlace): CheckpointFile {
  const { weights, problems } = findWeights(place);
  refuseProblems(place.file.path, network, problems);
  return weights;
}

/** All tensors in memory. */
export function readTensors(weights: CheckpointFile): NamedTensors {
  return new Map(
    [...weights.entries].map(([name, { shape }]) => [name, { shape, data: weights.read(name) }]),
  );
}

/** The files that hold the weights, each once, in the order of their tensors. */
export function filesOf(weights: CheckpointFile): string[] {
  return [...new Set([...weights.entries.values()].map(({ path }) => path ?? weights.path))];
}
