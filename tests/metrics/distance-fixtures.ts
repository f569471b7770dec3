import { readFileSync } from 'node:fs';
import { hashFeatures, withNoise } from '../support/hash-features.js';

/** One distance by scipy's matrix root, and by singular values of numpy's QR factors. */
export interface Distances {
  readonly pytorchFid: number;
  readonly singularValues: number;
}

const NAMES = ['manySamples', 'fewSamples', 'nearlyEqual'] as const;
type Name = (typeof NAMES)[number];

export interface DistanceCases extends Readonly<Record<Name, Distances>> {
  readonly width: number;
  readonly many: number;
  readonly few: number;
}

/** Made by reference/fid/make_fixtures.py. */
export function readDistances(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/fid/${file}`, import.meta.url), 'utf8'));
}

export interface SamplePair {
  readonly name: Name;
  readonly expected: Distances;
  readonly first: Float32Array[];
  readonly second: Float32Array[];
}

/** The samples between which the distances were taken. */
export function samplePairs(cases: DistanceCases): SamplePair[] {
  const { width, many, few } = cases;
  const first = hashFeatures('first', many, width);
  const second = hashFeatures('second', many, width, 1.1);
  const pairs = {
    manySamples: [first, second],
    fewSamples: [first.slice(0, few), second.slice(0, few + Math.floor(few / 2))],
    nearlyEqual: [first, withNoise(first)],
  } as const;
  return NAMES.map((name) => {
    const [a, b] = pairs[name];
    return { name, expected: cases[name], first: a, second: b };
  });
}
