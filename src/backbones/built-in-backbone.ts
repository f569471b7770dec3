import { join } from 'node:path';
import { checkSha256 } from '../checkpoints/file-hash.js';
import { openSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { input, inputsOf, sameShape, show, substitute, type Tensor } from '../graph/index.js';
import { mappedParameters } from '../nn/index.js';
import { readConfig } from '../parse-config.js';
import { Session } from '../runtime/session.js';
import { backboneSchema, readLabels, type BackboneConfig } from './backbone-config.js';
import type {
  BackboneFamily,
  ClassWeights,
  LayerInfo,
  OpenOptions,
  TraceableBackbone,
} from './backbone.js';
import { efficientNetLite } from './efficientnet-lite.js';
import { findLayer } from './find-layer.js';
import { mobileNetV1 } from './mobilenet-v1.js';
import { traceInput } from './preprocess.js';

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
  const p = mappedParameters(file);
  const { id, title, defaultLayer, input: preprocessing } = config;
  const family = FAMILIES[config.family];
  const layers = config.layers.map(({ name, channels, height, width }): LayerInfo => ({
    name,
    shape: [channels, height, width],
  }));
  const trace = (images: Tensor) => family.trace(p, images);
  const traceImages = (images: Tensor) => trace(traceInput(images, preprocessing));

  const logitsFrom = (layer: string, map: Tensor): Tensor => {
    const { name, shape } = findLayer({ id, layers }, layer);
    const expected = [map.shape[0] ?? 1, ...shape];
    if (!sameShape(map.shape, expected)) {
      throw new InputError(
        `${id} reads logits from maps ${show(expected)} of layer ${name}, got ${show(map.shape)}`,
      );
    }
    const { size } = preprocessing;
    const images = input('images', [expected[0]!, 3, size, size]);
    const { taps, logits } = trace(images);
    const [rest] = substitute([logits], new Map([[taps.get(name)!, map]]));
    if (inputsOf([rest!]).includes(images)) {
      throw new InputError(
        `layer ${name} of ${id} is bypassed by a skip connection: its map alone does not decide the classes`,
      );
    }
    return rest!;
  };

  const classWeights = (): ClassWeights => {
    const { layer, weight, bias, firstRow } = family.classifier;
    const channels = findLayer({ id, layers }, layer).shape[0];
    return {
      layer,
      channels,
      weight: file.read(weight).slice(firstRow * channels),
      bias: file.read(bias).slice(firstRow),
    };
  };

  const open = async (options: OpenOptions = {}) => {
    const layer = findLayer({ id, layers }, options.layer ?? defaultLayer);
    const { batch = 1, imageSize, threads, device } = options;
    const { size } = preprocessing;
    const images = input('images', [batch, 3, ...(imageSize ?? ([size, size] as const))]);
    const { taps, logits } = imageSize === undefined ? trace(images) : traceImages(images);
    const session = await Session.compile(
      { map: taps.get(layer.name)!, logits },
      {
        ...(threads === undefined ? {} : { threads }),
        ...(device === undefined ? {} : { device }),
      },
    );
    return {
      layer,
      run: (values: Float32Array) => session.run({ images: values }),
      dispose: () => session.dispose(),
    };
  };

  return {
    id,
    title,
    preprocessing,
    layers,
    defaultLayer,
    labels,
    trace,
    traceImages,
    logitsFrom,
    classWeights,
    open,
  };
}
