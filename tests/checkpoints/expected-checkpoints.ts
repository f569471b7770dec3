import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../src/package-root.js';

const directory = path.join(packageRoot(), 'tests', 'fixtures', 'checkpoints');

/** A file that reference/checkpoints has made with PyTorch. */
export const fixture = (name: string): string => path.join(directory, name);

/** What PyTorch reads from such a file: values row-major, whatever their type. */
export interface ExpectedCheckpoint {
  readonly wrappers: readonly string[];
  readonly tensors: Readonly<
    Record<string, { dtype: string; shape: readonly number[]; values: readonly number[] }>
  >;
}

export const EXPECTED = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Readonly<
  Record<string, ExpectedCheckpoint>
>;
