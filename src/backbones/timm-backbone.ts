import { join } from 'node:path';
import { openCheckpoint } from '../checkpoints/open-checkpoint.js';
import { InputError } from '../errors.js';
import { mappedParameters, renamedParameters } from '../nn/index.js';
import { packageRoot } from '../package-root.js';
import { readLabels } from './backbone-config.js';
import type { Preprocessing, TraceableBackbone } from './backbone.js';
import { checkTensors, outlineOf } from './expected-tensors.js';
import { findWeights } from './find-weights.js';
import type { TimmBackbone } from './timm-catalogue.js';
import { storedByTimmKey } from './timm-keys.js';
import { traceableBackbone } from './traceable-backbone.js';

export interface TimmOptions {
  /** Side of the input in pixels; default: timm's of evaluation. */
  readonly size?: number | undefined;
  /** File or folder of the weights; default: the backbone's folder in `featinvHome()`. */
  readonly weights?: string | undefined;
}

/** Smallest and largest input, and what it must be a multiple of: the deepest maps have stride 32. */
const SIZES = { least: 64, most: 1024, step: 32 } as const;

/**
 * Opens a classifier of the catalogue. Throws InputError for weights that are not there or not its own,
 * and for a size that it cannot have.
 */
export async function openTimmBackbone(
  known: TimmBackbone,
  options: TimmOptions = {},
): Promise<TraceableBackbone> {
  const { name, architecture } = known;
  const preprocessing = atSize(known, options.size);
  const file = openCheckpoint(findWeights(name, options.weights));
  const { tensors, layers } = outlineOf(architecture.family, preprocessing.size);
  const stored = storedByTimmKey([...file.entries.keys()]);
  const found = new Map([...stored].map(([key, inFile]) => [key, file.entries.get(inFile)!.shape]));
  checkTensors(file.path, name, tensors, found);
  const storedKey = (key: string): string => stored.get(key)!;
  const ownSize = preprocessing.size === known.preprocessing.size;
  return traceableBackbone(
    {
      id: ownSize ? name : `${name}@${preprocessing.size}`,
      title: architecture.title,
      preprocessing,
      layers,
      defaultLayer: layers.at(-1)!.name,
      files: [
        ...new Set([file.path, ...[...file.entries.values()].flatMap(({ path }) => path ?? [])]),
      ],
      labels: await readLabels(join(packageRoot(), 'models', 'backbones', 'imagenet-labels.json')),
    },
    {
      family: architecture.family,
      parameters: renamedParameters(mappedParameters(file), storedKey),
      read: (key) => file.read(storedKey(key)),
    },
  );
}

/** Evaluation settings at another size: the crop of training where that was its size. */
function atSize(known: TimmBackbone, size: number | undefined): Preprocessing {
  const { name, architecture, preprocessing, trained } = known;
  if (size === undefined || size === preprocessing.size) return preprocessing;
  const { fixedSize } = architecture;
  if (fixedSize !== undefined) {
    throw new InputError(`${name} takes pictures of ${fixedSize} pixels only, got @${size}`);
  }
  const { least, most, step } = SIZES;
  if (size < least || size > most || size % step !== 0) {
    throw new InputError(
      `the size in ${name}@${size} must be a multiple of ${step} from ${least} to ${most}`,
    );
  }
  return {
    ...preprocessing,
    size,
    crop: trained?.size === size ? trained.crop : preprocessing.crop,
  };
}
