/** Feature maps that `featinv features` has written. */
import { openSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { sameShape, show } from '../graph/index.js';
import type { InverterConfig } from './inverter-config.js';

/** Name of the tensor [1, C, H, W]. */
export const FEATURES = 'features';

/**
 * Reads a map [C, H, W] that an inverter can read. Throws InputError for a file that is no such map: truncated,
 * without the tensor `features`, of another shape, of another backbone or layer, or not finite.
 */
export function readFeatureMap(
  path: string,
  config: Pick<InverterConfig, 'name' | 'mapShape' | 'backbone' | 'layer'>,
): Float32Array {
  const { mapShape, backbone, layer, name } = config;
  const file = openSafetensors(path);
  const wanted = [1, ...mapShape];
  const entry = file.entries.get(FEATURES);
  if (entry !== undefined && !sameShape(entry.shape, wanted)) {
    throw new InputError(
      `${path}: tensor "${FEATURES}" has shape ${show(entry.shape)}, ${name} reads maps of shape ` +
        `${show(wanted)} (layer ${layer} of ${backbone})`,
    );
  }
  // Files of other tools need not say where their maps come from.
  const { backbone: from = backbone, layer: at = layer } = file.metadata;
  if (from !== backbone || at !== layer) {
    throw new InputError(
      `${path} holds a map of layer ${at} of ${from}, ${name} reads layer ${layer} of ${backbone}`,
    );
  }
  const data = file.read(FEATURES);
  if (!data.every(Number.isFinite)) {
    throw new InputError(`${path}: tensor "${FEATURES}" holds values that are not finite`);
  }
  return data;
}
