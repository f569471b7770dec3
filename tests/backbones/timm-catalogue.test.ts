import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { timmCatalogue } from '../../src/backbones/index.js';
import { outlineOf } from '../../src/backbones/expected-tensors.js';
import { sizeOf } from '../../src/graph/index.js';
import { readTimmFixture } from './timm-reference.js';

/** What timm says of a name (reference/timm). */
interface TimmConfig {
  readonly size: number;
  readonly crop: number;
  readonly trained: { readonly size: number; readonly crop: number };
  readonly filter: string;
  readonly cropMode: string;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly licence: string;
  readonly repository: string;
  readonly fixedSize: boolean;
  readonly parameters: number;
  /** SHA-256 of the sorted names and shapes of its tensors. */
  readonly tensors: string;
}

const references = readTimmFixture<Record<string, TimmConfig>>('catalogue.json');

it('knows the names that timm was asked for', () => {
  expect([...timmCatalogue.keys()]).toEqual(Object.keys(references).sort());
});

describe.each(Object.entries(references))('%s', (name, reference) => {
  const { architecture, preprocessing, trained, licence, repository } = timmCatalogue.get(name)!;
  const { size, crop } = reference;

  it("has timm's evaluation settings, licence and repository", () => {
    expect(reference.cropMode).toBe('center');
    expect(preprocessing).toEqual({
      ...{ size, crop, filter: reference.filter, geometry: 'torchvision' },
      ...{ mean: reference.mean, std: reference.std },
    });
    expect(trained ?? { size, crop }).toEqual(reference.trained);
    expect(licence.toLowerCase()).toBe(reference.licence);
    expect(repository).toBe(reference.repository);
    expect(architecture.fixedSize).toBe(reference.fixedSize ? size : undefined);
  });

  it("has timm's tensors and number of parameters", () => {
    const { tensors } = outlineOf(architecture.family, size);
    const lines = [...tensors].map(([key, shape]) => `${key}[${shape.join(',')}]`);
    const digest = createHash('sha256').update(lines.sort().join('\n')).digest('hex');
    expect(digest).toBe(reference.tensors);
    const trainedNumbers = [...tensors]
      .filter(([key]) => !/running_(mean|var)$/.test(key))
      .reduce((total, [, shape]) => total + sizeOf(shape), 0);
    expect([trainedNumbers, architecture.parameters]).toEqual(
      Array.from({ length: 2 }, () => reference.parameters),
    );
  });
});
