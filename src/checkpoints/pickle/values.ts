import type { StoredDType } from '../dtypes.js';

/**
 * What a pickle can hold here: plain data and descriptions. None of it is ever called, and names that a
 * file invents are keys of maps, never properties of objects.
 */
export type PickleValue = PickleScalar | PickleObject;

/** Whole numbers beyond 2^53 are bigints. */
export type PickleScalar = null | boolean | number | bigint | string;

export type PickleObject =
  | PickleBytes
  | PickleSequence
  | PickleDict
  | PickleReference
  | PickleStorage
  | PickleTensor
  | NumpyDType;

/** Bytes as the characters 0 to 255 of a string, which a file can repeat without any copy. */
export interface PickleBytes {
  readonly kind: 'bytes';
  readonly latin1: string;
}

export interface PickleSequence {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: PickleValue[];
}

export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: Map<PickleValue, PickleValue>;
  /** An argparse.Namespace: its state are its entries. Other dictionaries' own attributes are dropped. */
  readonly namespace: boolean;
}

/** The name of a class, function or constant, and nothing more than the name. */
export interface PickleReference {
  readonly kind: 'reference';
  /** With its module: `torch.FloatStorage`. */
  readonly name: string;
}

/** A run of elements outside the pickle, which tensors share. */
export interface PickleStorage {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: StoredDType;
  /** In elements. */
  readonly length: number;
}

/** A view of a storage; offset and strides count elements of `dtype`. */
export interface PickleTensor {
  readonly kind: 'tensor';
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly storage: PickleStorage;
}

/** The element type of a numpy scalar, such as `f8`. */
export interface NumpyDType {
  readonly kind: 'numpy dtype';
  readonly code: string;
  littleEndian: boolean;
}

export function isKind<Kind extends PickleObject['kind']>(
  value: PickleValue | undefined,
  ...kinds: readonly Kind[]
): value is PickleObject & { readonly kind: Kind } {
  return (
    typeof value === 'object' &&
    value !== null &&
    (kinds as readonly PickleObject['kind'][]).includes(value.kind)
  );
}

export function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function sequence(kind: PickleSequence['kind'], items: PickleValue[]): PickleSequence {
  return { kind, items };
}

export function dict(
  entries: Map<PickleValue, PickleValue> = new Map<PickleValue, PickleValue>(),
  namespace = false,
): PickleDict {
  return { kind: 'dict', entries, namespace };
}

/** A value for messages, without its contents. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 60);
  return value.kind === 'reference' ? value.name : `a ${value.kind}`;
}
