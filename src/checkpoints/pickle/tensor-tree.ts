import type { CheckpointMetadata } from '../checkpoint-file.js';
import { invalidCheckpoint } from './invalid-checkpoint.js';
import {
  describe,
  isKind,
  type PickleDict,
  type PickleTensor,
  type PickleValue,
} from './values.js';

/** Keys under which training programs put a state dict, beside epoch, optimiser and the like. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model', 'net'] as const;

const MAX_WRAPPERS = 4;
const MAX_DEPTH = 64;
const MAX_NAME_LENGTH = 1000;
/** Numbers in longer lists are data rather than something to tell. */
const MAX_METADATA_ITEMS = 32;

/** The tensors of a checkpoint by dotted names, and what else it holds. */
export interface TensorTree {
  readonly tensors: ReadonlyMap<string, PickleTensor>;
  /** Numbers, texts and truth values by dotted names from the root, without those of long lists. */
  readonly metadata: CheckpointMetadata;
  /** Keys that lead from the root to the state dict, such as `['state_dict']`. */
  readonly wrappers: readonly string[];
  /** Tensors beside the state dict, such as an optimiser's. */
  readonly outside: number;
}

export interface TreeOptions {
  /** Takes the state dict out of its wrappers; otherwise all tensors are named from the root. Default true. */
  readonly unwrap?: boolean;
  /** Bytes of the checkpoint's description: bounds the names that shared parts may multiply. */
  readonly pickleBytes: number;
}

/** Flattens nested dictionaries and lists. Throws InputError for names that meet and for bombs. */
export function weightsOf(path: string, root: PickleValue, options: TreeOptions): TensorTree {
  const { unwrap = true, pickleBytes } = options;
  const { weights, wrappers } = unwrap ? findWeights(root) : { weights: root, wrappers: [] };
  const tensors = new Map<string, PickleTensor>();
  const metadata: [string, string | number | boolean | null][] = [];
  let outside = 0;
  const walk = new Walk(path, pickleBytes);
  walk.visit(root, '', (name, value) => {
    if (value === weights) return 'skip';
    if (isKind(value, 'tensor')) outside++;
    else addMetadata(metadata, name, value);
    return 'enter';
  });
  walk.visit(weights, '', (name, value) => {
    if (!isKind(value, 'tensor')) addMetadata(metadata, [...wrappers, name].join('.'), value);
    else if (tensors.has(name)) {
      throw invalidCheckpoint(path, `two of its tensors are called "${name}"`);
    } else tensors.set(name, value);
    return 'enter';
  });
  return { tensors, metadata: Object.fromEntries(metadata), wrappers, outside };
}

function findWeights(root: PickleValue): { weights: PickleValue; wrappers: string[] } {
  const wrappers: string[] = [];
  let weights = root;
  while (wrappers.length < MAX_WRAPPERS && isKind(weights, 'dict')) {
    const { entries }: PickleDict = weights;
    const key = WRAPPERS.find((each) => {
      const value = entries.get(each);
      return isKind(value, 'dict') && holdsTensor(value);
    });
    if (key === undefined) break;
    wrappers.push(key);
    weights = entries.get(key)!;
  }
  return { weights, wrappers };
}

/** Each container is looked at once, so shared and circular ones do no harm. */
function holdsTensor(root: PickleDict): boolean {
  const pending: PickleValue[] = [root];
  const seen = new Set<PickleValue>(pending);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (isKind(value, 'tensor')) return true;
    for (const [, child] of children(value)) {
      if (typeof child !== 'object' || seen.has(child)) continue;
      seen.add(child);
      pending.push(child);
    }
  }
  return false;
}

type Visitor = (name: string, value: PickleValue) => 'enter' | 'skip';

/** What it takes to visit one value, in characters of names. */
const VISIT_COST = 64;

/** Visits values under their dotted names; what it may visit altogether is limited. */
class Walk {
  /** Characters of names that are left: a small pickle may repeat its parts, but not without end. */
  private budget: number;

  constructor(
    private readonly path: string,
    pickleBytes: number,
  ) {
    this.budget = Math.min(2 ** 22 + 32 * pickleBytes, 2 ** 28);
  }

  visit(value: PickleValue, name: string, visitor: Visitor, depth = 0): void {
    this.budget -= VISIT_COST + name.length + itemCount(value);
    if (this.budget < 0) {
      throw invalidCheckpoint(this.path, 'the values that it repeats are too many to write out');
    }
    if (depth > MAX_DEPTH) {
      throw invalidCheckpoint(this.path, `its values are nested more than ${MAX_DEPTH} deep`);
    }
    if (visitor(name || (depth === 0 ? 'tensor' : ''), value) === 'skip') return;
    for (const [key, child] of children(value)) {
      this.visit(child, this.join(name, key, depth), visitor, depth + 1);
    }
  }

  private join(name: string, key: string, depth: number): string {
    if (name.length + key.length >= MAX_NAME_LENGTH) {
      throw invalidCheckpoint(
        this.path,
        `a name in it is longer than ${MAX_NAME_LENGTH} characters: it begins with "${name || key.slice(0, 60)}"`,
      );
    }
    return depth === 0 ? key : `${name}.${key}`;
  }
}

function itemCount(value: PickleValue): number {
  return isKind(value, 'list', 'tuple', 'set') ? value.items.length : 0;
}

/** What a value holds, by name; single values of long lists are left out. */
function* children(value: PickleValue): Generator<readonly [string, PickleValue]> {
  if (isKind(value, 'dict')) {
    for (const [key, child] of value.entries) {
      yield [typeof key === 'string' ? key : describe(key), child];
    }
  } else if (isKind(value, 'list', 'tuple', 'set')) {
    const long = value.items.length > MAX_METADATA_ITEMS;
    for (const [index, child] of value.items.entries()) {
      if (!long || (typeof child === 'object' && child !== null)) yield [String(index), child];
    }
  }
}

function addMetadata(
  metadata: [string, string | number | boolean | null][],
  name: string,
  value: PickleValue,
): void {
  if (typeof value === 'bigint') metadata.push([name, String(value)]);
  else if (typeof value !== 'object' || value === null) metadata.push([name, value]);
  else if (isKind(value, 'reference')) metadata.push([name, value.name]);
}
