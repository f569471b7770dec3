import type { StoredDType } from '../dtypes.js';
import { DICT_STEPS } from './machine.js';
import { numpyDType, numpyScalar } from './numpy-scalars.js';
import { DTYPES } from './storage-types.js';
import {
  dict,
  isCount,
  isKind,
  sequence,
  type PickleSequence,
  type PickleValue,
} from './values.js';

export interface CallContext {
  /** An error that says which argument is wrong. */
  readonly wrong: (argument: PickleValue | undefined) => Error;
  /** Accounts for copied items. */
  readonly spend: (steps: number) => void;
}

/** Makes plain data of the arguments of a call. */
export type Construct = (args: readonly PickleValue[], context: CallContext) => PickleValue;

/** PyTorch's own limit on axes. */
const MAX_RANK = 64;

/** All that a file may have called, under the names of Python 2 and 3 and of numpy 1 and 2. */
export const CONSTRUCTORS: ReadonlyMap<string, Construct> = new Map<string, Construct>([
  ['torch._utils._rebuild_tensor', tensorOfStorage],
  ['torch._utils._rebuild_tensor_v2', tensorOfStorage],
  ['torch._utils._rebuild_tensor_v3', tensorOfBytes],
  ['torch._utils._rebuild_parameter', parameter],
  ['torch._utils._rebuild_parameter_with_state', parameter],
  ['torch.Size', collection('tuple')],
  ['torch.device', device],
  ['collections.OrderedDict', orderedDict],
  ['collections.Counter', counter],
  ['argparse.Namespace', namespace],
  ['builtins.set', collection('set')],
  ['__builtin__.set', collection('set')],
  ['builtins.frozenset', collection('set')],
  ['__builtin__.frozenset', collection('set')],
  ['_codecs.encode', encode],
  ['numpy.dtype', numpyDType],
  ['numpy.core.multiarray.scalar', numpyScalar],
  ['numpy._core.multiarray.scalar', numpyScalar],
]);

/** (storage, offset, size, strides, …): gradients and hooks that follow are of no use here. */
function tensorOfStorage(args: readonly PickleValue[], { wrong }: CallContext): PickleValue {
  const storage = args[0];
  if (!isKind(storage, 'storage')) throw wrong(storage);
  return tensor(args, storage.dtype, wrong);
}

/** (bytes, offset, size, strides, requires_grad, hooks, dtype, …): element types without a storage class. */
function tensorOfBytes(args: readonly PickleValue[], { wrong }: CallContext): PickleValue {
  const dtype = isKind(args[6], 'reference') ? DTYPES.get(args[6].name) : undefined;
  if (dtype === undefined) throw wrong(args[6]);
  return tensor(args, dtype, wrong);
}

function tensor(
  [storage, offset, size, stride]: readonly PickleValue[],
  dtype: StoredDType,
  wrong: CallContext['wrong'],
): PickleValue {
  if (!isKind(storage, 'storage')) throw wrong(storage);
  if (!isCount(offset)) throw wrong(offset);
  const shape = counts(size, wrong);
  const strides = counts(stride, wrong);
  if (shape.length !== strides.length) throw wrong(stride);
  return { kind: 'tensor', dtype, shape, strides, offset, storage };
}

function counts(value: PickleValue | undefined, wrong: CallContext['wrong']): number[] {
  if (!isKind(value, 'tuple', 'list') || value.items.length > MAX_RANK) throw wrong(value);
  return value.items.map((item) => {
    if (!isCount(item)) throw wrong(item);
    return item;
  });
}

/** A parameter is its tensor. */
function parameter([data]: readonly PickleValue[], { wrong }: CallContext): PickleValue {
  if (!isKind(data, 'tensor')) throw wrong(data);
  return data;
}

/** The items stay those of the argument: a file cannot multiply them by repeating the call. */
function collection(kind: PickleSequence['kind']): Construct {
  return (args, { wrong }) => {
    const [items] = args;
    if (args.length === 0) return sequence(kind, []);
    if (args.length > 1 || !isKind(items, 'list', 'tuple', 'set')) throw wrong(args.at(-1));
    return sequence(kind, items.items);
  };
}

/** `cuda:0` of ('cuda', 0). */
function device(args: readonly PickleValue[], { wrong }: CallContext): PickleValue {
  const [type, index] = args;
  if (typeof type !== 'string' || type.length > 60) throw wrong(type);
  if (index === undefined || index === null) return type;
  if (!isCount(index)) throw wrong(index);
  return `${type}:${index}`;
}

/** Of nothing, or of a list of pairs as Python 2 writes it. */
function orderedDict(args: readonly PickleValue[], { wrong, spend }: CallContext): PickleValue {
  spend(DICT_STEPS);
  const result = dict();
  if (args.length === 0) return result;
  const [pairs] = args;
  if (args.length > 1 || !isKind(pairs, 'list', 'tuple')) throw wrong(args.at(-1));
  spend(pairs.items.length);
  for (const pair of pairs.items) {
    if (!isKind(pair, 'list', 'tuple') || pair.items.length !== 2) throw wrong(pair);
    result.entries.set(pair.items[0]!, pair.items[1]!);
  }
  return result;
}

/** Of nothing or of a dictionary of counts, which it stays. */
function counter(args: readonly PickleValue[], { wrong, spend }: CallContext): PickleValue {
  spend(DICT_STEPS);
  const [counts] = args;
  if (counts === undefined) return dict();
  if (args.length > 1 || !isKind(counts, 'dict')) throw wrong(args.at(-1));
  return counts;
}

function namespace(args: readonly PickleValue[], { wrong, spend }: CallContext): PickleValue {
  spend(DICT_STEPS);
  if (args.length > 0) throw wrong(args[0]);
  return dict(undefined, true);
}

/** How protocols below 3 write bytes: as the text of their values, to be encoded as latin1. */
function encode([text, encoding]: readonly PickleValue[], { wrong }: CallContext): PickleValue {
  if (typeof text !== 'string') throw wrong(text);
  if (encoding !== 'latin1') throw wrong(encoding);
  return { kind: 'bytes', latin1: text };
}
