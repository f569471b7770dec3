import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { openCheckpoint, type OpenedCheckpoint } from '../../src/checkpoints/open-checkpoint.js';
import { InputError } from '../../src/errors.js';
import type { StorageData } from './checkpoint-writer.js';
import { storage, tensor } from './pickle/pickle-writer.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-checkpoint-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Opens bytes as a file with the ending of a checkpoint. */
export function open(bytes: Uint8Array): OpenedCheckpoint {
  const file = path.join(directory, 'x.ckpt');
  writeFileSync(file, bytes);
  return openCheckpoint(file);
}

/** The message of the InputError that opening throws. */
export function refusal(bytes: Uint8Array): string {
  try {
    open(bytes);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('it was opened');
}

export const floats = Float32Array.of(1, 2, 3, 4, 5, 6);
/** Storage 0 holds them. */
export const DATA: StorageData = [['0', new Uint8Array(floats.buffer)]];
export const stored = storage('FloatStorage', '0', 6);
/** A tensor of all of them. */
export const whole = tensor(stored, 0, [6], [1]);
