import { join } from 'node:path';
import { checkSha256 } from '../checkpoints/check-sha256.js';
import { openSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { mappedParameters } from '../nn/index.js';
import { readConfig } from '../parse-config.js';
import { backboneSchema, readLabels, type BackboneConfig } from './backbone-config.js';
import type { BackboneFamily, LayerInfo, TraceableBackbone } from './backbone.js';
import { efficientNetLite } from './efficientnet-lite.js';
import { mobileNetV1 } from './mobilenet-v1.js';
import { traceableBackbone } from './traceable-backbone.js';

const FAMILIES: Readonly<Record<BackboneConfig['family'], BackboneFamily>> = {
  'efficientnet-lite': efficientNetLite,
  'mobilenet-v1': mobileNetV1,
};

/** Opens a shipped backbone's folder: `config.json`, the weights and the class names. */
export async function openBuiltInBackbone(directory: string): Promise<TraceableBackbone> {
  const config = await readConfig(backboneSchema, join(directory, 'config.json'));
  const labels = await readLabels(join(directory, config.labels));
  if (labels.length !== config.classes) {
    throw new InputError(
      `${join(directory, config.labels)} names ${labels.length} classes, ${config.id} has ${config.classes}`,
    );
  }
  const weights = join(directory, config.weights.file);
  await checkSha256(weights, config.weights.sha256, 'install featinv again');
  const file = openSafetensors(weights);
  const { id, title, defaultLayer, input: preprocessing } = config;
  const layers = config.layers.map(({ name, channels, height, width }): LayerInfo => ({
    name,
    shape: [channels, height, width],
  }));
  return traceableBackbone(
    { id, title, preprocessing, layers, defaultLayer, labels, files: [weights] },
    {
      family: FAMILIES[config.family],
      parameters: mappedParameters(file),
      read: (name) => file.read(name),
    },
  );
}
