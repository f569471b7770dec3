import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { WorkError } from '../errors.js';
import { fileErrorReason, writeAtomic } from '../files.js';
import { writePng } from '../images/png.js';
import type { RgbImage } from '../images/rgb-image.js';

/** Where a training run keeps what. */
export interface RunDirectory {
  readonly root: string;
  readonly log: string;
  readonly checkpoints: string;
  readonly samples: string;
  /** The weights to release. */
  readonly model: string;
}

export function runDirectory(root: string): RunDirectory {
  return {
    root,
    log: path.join(root, 'log.jsonl'),
    checkpoints: path.join(root, 'checkpoints'),
    samples: path.join(root, 'samples'),
    model: path.join(root, 'model'),
  };
}

/** Creates the directories and writes the resolved configuration beside them. */
export async function prepareRunDirectory(run: RunDirectory, config: unknown): Promise<void> {
  try {
    for (const directory of [run.checkpoints, run.samples, run.model]) {
      await mkdir(directory, { recursive: true });
    }
  } catch (error) {
    throw new WorkError(`cannot create ${run.root}: ${fileErrorReason(error)}`, { cause: error });
  }
  await writeAtomic(path.join(run.root, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/** Writes a validation's pictures, by their names. */
export async function writeSamples(
  run: RunDirectory,
  step: number,
  grids: Readonly<Record<string, RgbImage>>,
): Promise<void> {
  for (const [name, image] of Object.entries(grids)) {
    const file = `step-${String(step).padStart(6, '0')}-${name}.png`;
    await writePng(path.join(run.samples, file), image);
  }
}
