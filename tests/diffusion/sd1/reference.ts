/** Comparison with what diffusers computed (reference/sd1/make_fixtures.py). */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openSafetensors } from '../../../src/checkpoints/safetensors.js';

export interface Reference {
  readonly names: readonly string[];
  values(name: string): Float32Array;
  /** Largest difference over the largest value, of the elements that the reference kept. */
  error(name: string, values: Float32Array): number;
}

export function readReference(
  name: 'narrow' | 'full' | 'full-training' | 'full-trajectory',
): Reference {
  const url = new URL(`../../fixtures/sd1/${name}.safetensors`, import.meta.url);
  const file = openSafetensors(fileURLToPath(url));
  return {
    names: [...file.entries.keys()],
    values: (key) => file.read(key),
    error: (key, values) => {
      const expected = file.read(key);
      return relativeError(evenly(values, expected.length), expected);
    },
  };
}

/** The evenly spaced elements that a reference of `count` elements kept. */
export function evenly(values: Float32Array, count: number): Float32Array {
  let stride = Math.floor(values.length / count);
  while (Math.ceil(values.length / stride) > count) stride++;
  const kept = values.filter((_, i) => i % stride === 0);
  expect(kept).toHaveLength(count);
  return kept;
}

export function relativeError(values: Float32Array, expected: Float32Array): number {
  expect(values).toHaveLength(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const differences = expected.map((value, i) => Math.abs(value - values[i]!));
  return differences.reduce((most, value) => Math.max(most, value), 0) / largest;
}
