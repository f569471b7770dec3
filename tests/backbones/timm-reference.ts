/** Compares traced networks with what timm computed (reference/timm). */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { TracedBackbone } from '../../src/backbones/index.js';
import { Session } from '../../src/runtime/session.js';
import type { Tensor } from '../../src/graph/index.js';

/** Of one tensor: up to 64 evenly spaced values, and the largest magnitude of all. */
export interface Summary {
  readonly shape: readonly number[];
  readonly largest: number;
  readonly samples: readonly number[];
}

export interface NetworkReference {
  readonly size: number;
  readonly parameters: number;
  /** Without the head. */
  readonly featureParameters: number;
  readonly maps: Readonly<Record<string, Summary>>;
  readonly logits: Summary;
}

export function readTimmFixture<Content>(file: string): Content {
  const url = new URL(`../fixtures/timm/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Content;
}

/** max |a − b| / max |b|, over the samples and the largest magnitude. */
export function relativeError(values: Float32Array, reference: Summary): number {
  const { largest, samples } = reference;
  const last = samples.length - 1;
  const error = samples.reduce((most, expected, i) => {
    const at = Math.floor((i * (values.length - 1)) / last);
    return Math.max(most, Math.abs(values[at]! - expected));
  }, 0);
  const found = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.max(error, Math.abs(found - largest)) / largest;
}

/** The errors of all maps and of the logits; their names and shapes must be timm's. */
export async function errorsOfMaps(
  { taps, logits }: TracedBackbone,
  reference: NetworkReference,
  images: Float32Array,
  threads: number,
): Promise<Record<string, number>> {
  const expected = new Map([...Object.entries(reference.maps), ['logits', reference.logits]]);
  const outputs: Record<string, Tensor> = { ...Object.fromEntries(taps), logits };
  expect(Object.keys(outputs)).toEqual([...expected.keys()]);
  for (const [name, { shape }] of expected) expect(outputs[name]!.shape, name).toEqual(shape);
  const session = await Session.compile(outputs, { threads });
  const results = await session.run({ images });
  await session.dispose();
  return Object.fromEntries(
    [...expected].map(([name, summary]) => [name, relativeError(results[name]!, summary)]),
  );
}
