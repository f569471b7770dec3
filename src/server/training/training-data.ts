/** The photographs that a run of the studio can be trained on. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { listImages } from '../../images/list-images.js';
import { packageRoot } from '../../package-root.js';
import type { TrainingData } from '../api.js';

export interface DataChoice {
  readonly info: TrainingData;
  /** Fields of the configuration's `data`. */
  readonly config: {
    readonly photographs: string;
    readonly heldOut: string;
    readonly stamps?: string;
  };
}

/** A run needs different pictures to compare with. */
const LEAST_PICTURES = 2;

/** @param own folder that users fill with their photographs */
export async function trainingData(own: string): Promise<readonly DataChoice[]> {
  const at = (name: string): string => path.join(packageRoot(), name);
  const shipped = at('photos');
  const fetched = at('data/photos/train');
  const places: readonly (readonly [name: string, title: string, DataChoice['config']])[] = [
    ['shipped', 'The shipped photographs', { photographs: shipped, heldOut: shipped }],
    ['own', `Your photographs in ${own}`, { photographs: own, heldOut: own }],
    [
      'fetched',
      'The photographs of the released models',
      {
        ...{ photographs: fetched, heldOut: at('data/photos/heldout') },
        ...(existsSync(at('data/photos/stamps')) && { stamps: at('data/photos/stamps') }),
      },
    ],
  ];
  const choices: DataChoice[] = [];
  for (const [name, title, config] of places) {
    const pictures = await countImages(config.photographs);
    if (pictures < LEAST_PICTURES) continue;
    const isHeldOut = config.heldOut !== config.photographs;
    if (isHeldOut && (await countImages(config.heldOut)) < LEAST_PICTURES) continue;
    choices.push({ info: { name, title, pictures, isHeldOut }, config });
  }
  return choices;
}

async function countImages(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  return listImages(folder).then(
    (files) => files.length,
    () => 0, // none in it
  );
}
