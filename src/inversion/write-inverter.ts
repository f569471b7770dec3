/** Writing an inverter's folder: trained by a task, or fresh from a base model. */
import { join, relative, resolve, sep } from 'node:path';
import { rememberedSha256 } from '../checkpoints/remembered-hash.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { unetConfigOf, type BaseModel } from '../diffusion/base-model.js';
import { exportControlNet } from '../diffusion/controlnet-file.js';
import { filesOf } from '../diffusion/weights.js';
import { writeAtomic } from '../files.js';
import { inverterFiles, type InverterConfig } from './inverter-config.js';

/** What the writer cannot know itself. */
export interface InverterSettings extends Omit<
  InverterConfig,
  'schemaVersion' | 'base' | 'controlNet' | 'mapShape'
> {
  readonly mapShape: readonly [number, number, number];
}

/**
 * Writes the ControlNet (`tensors` in diffusers' names; stored as float16 in the authors') and `featinv.json` into a
 * folder that exists. The configuration comes last: a folder that has one is complete.
 */
export async function writeInverter(
  directory: string,
  base: BaseModel,
  settings: InverterSettings,
  tensors: NamedTensors,
): Promise<void> {
  await exportControlNet(join(directory, inverterFiles.controlNet), tensors, unetConfigOf(base), {
    layout: 'original',
    dtype: 'F16',
  });
  const { name, description, licence, backbone, backboneWeights, layer, pooled, hintWidth } =
    settings;
  const [channels, height, width] = settings.mapShape;
  const written: InverterConfig = {
    schemaVersion: 1,
    ...{ name, description, licence, backbone, ...(backboneWeights && { backboneWeights }), layer },
    mapShape: [channels, height, width],
    ...{ pooled, hintWidth },
    base: {
      path: relative(resolve(directory), resolve(base.path)).split(sep).join('/'),
      sha256: await rememberedSha256(...filesOf(base.unetWeights())),
      ...base.options,
    },
    controlNet: { sha256: await rememberedSha256(join(directory, inverterFiles.controlNet)) },
    sampling: settings.sampling,
    training: settings.training,
  };
  await writeAtomic(join(directory, inverterFiles.config), JSON.stringify(written, null, 2) + '\n');
}
