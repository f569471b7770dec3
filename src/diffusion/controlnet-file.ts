/** FeatInv's ControlNet on disk, in the authors' names or in diffusers'. */
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { openCheckpoint } from '../checkpoints/open-checkpoint.js';
import { writeSafetensors, type WriteOptions } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { show } from '../graph/index.js';
import { controlNetShapes } from './expected-shapes.js';
import { controlNetPairs, toOriginalKeys } from './keys/controlnet-keys.js';
import { toOriginal } from './keys/module-pairs.js';
import { originalPrefixes } from './keys/original-prefixes.js';
import type { UNetConfig } from './unet.js';
import { checkedWeights, sameName } from './weights.js';

export interface ControlNetFile {
  /** Under diffusers' names. */
  readonly weights: CheckpointFile;
  /** Channels of the hint encoder. */
  readonly hintWidth: number;
  /** Channels of the feature map that it reads. */
  readonly mapChannels: number;
}

/** The convolution that reads the map. Diffusers has no hint encoder of this kind: the name is the authors'. */
const READS_MAP = 'input_hint_block.block.1.weight';

/**
 * Opens a ControlNet for a UNet of these sizes. The file may hold the base model as well. Throws one
 * InputError that lists the tensors that are missing or misshapen.
 */
export function openControlNet(path: string, config: UNetConfig): ControlNetFile {
  const file = openCheckpoint(path);
  const reader =
    file.entries.get(originalPrefixes.controlNet + READS_MAP) ?? file.entries.get(READS_MAP);
  if (reader === undefined) {
    throw new InputError(
      `${path} holds no FeatInv ControlNet: it has no tensor "${originalPrefixes.controlNet}${READS_MAP}" or "${READS_MAP}"`,
    );
  }
  const [hintWidth, mapChannels, ...kernel] = reader.shape;
  if (hintWidth === undefined || mapChannels === undefined || show(kernel) !== '[3,3]') {
    throw new InputError(
      `${path}: tensor "${READS_MAP}" is ${show(reader.shape)} instead of [width, channels, 3, 3]`,
    );
  }
  const original = toOriginal(controlNetPairs(config));
  const originalName = (name: string): string => original(name) ?? name;
  const weights = checkedWeights('a FeatInv ControlNet of this UNet', {
    file,
    expected: controlNetShapes(config, { width: hintWidth }, mapChannels),
    namings: [(name) => originalPrefixes.controlNet + originalName(name), sameName, originalName],
  });
  return { weights, hintWidth, mapChannels };
}

export interface ExportOptions extends Pick<WriteOptions, 'dtype'> {
  /** `original`: the authors' names (`control_model.…`). `diffusers`: those of its ControlNetModel. */
  readonly layout: 'original' | 'diffusers';
}

/** Writes a ControlNet's tensors, given under diffusers' names, as safetensors. */
export async function exportControlNet(
  path: string,
  tensors: NamedTensors,
  config: UNetConfig,
  { layout, dtype = 'F32' }: ExportOptions,
): Promise<void> {
  const named = layout === 'original' ? toOriginalKeys(config, tensors) : tensors;
  await writeSafetensors(path, named, { dtype });
}
