import { InputError } from '../errors.js';
import { input, type Tensor } from '../graph/index.js';
import type { Parameters } from '../nn/index.js';
import { Session } from '../runtime/session.js';
import type {
  Backbone,
  BackboneFamily,
  BackboneSession,
  ClassWeights,
  OpenOptions,
  TraceableBackbone,
} from './backbone.js';
import { findLayer } from './find-layer.js';
import { logitsFrom } from './logits-from.js';
import { traceInput } from './preprocess.js';

/** A network with its weights. */
export interface WeightedFamily {
  readonly family: BackboneFamily;
  readonly parameters: Parameters;
  /** The values of one tensor of the network. */
  readonly read: (name: string) => Float32Array;
}

/** All that a backbone can do, from its description, its traced function and its weights. */
export function traceableBackbone(
  described: Omit<Backbone, 'open'>,
  weighted: WeightedFamily,
): TraceableBackbone {
  const { preprocessing, defaultLayer } = described;
  const trace = (images: Tensor) => weighted.family.trace(weighted.parameters, images);
  const traceImages = (images: Tensor) => trace(traceInput(images, preprocessing));

  const open = async (options: OpenOptions = {}): Promise<BackboneSession> => {
    const layer = findLayer(described, options.layer ?? defaultLayer);
    const { batch = 1, imageSize } = options;
    const { size } = preprocessing;
    const images = input('images', [batch, 3, ...(imageSize ?? ([size, size] as const))]);
    const { taps, logits } = imageSize === undefined ? trace(images) : traceImages(images);
    const session = await Session.compile({ map: taps.get(layer.name)!, logits }, options);
    return {
      layer,
      run: (values: Float32Array) => session.run({ images: values }),
      dispose: () => session.dispose(),
    };
  };

  return {
    ...described,
    trace,
    traceImages,
    logitsFrom: (layer, map) => logitsFrom(described, trace, layer, map),
    classWeights: () => readClassWeights(described, weighted),
    open,
  };
}

function readClassWeights(
  described: Omit<Backbone, 'open'>,
  { family, read }: WeightedFamily,
): ClassWeights {
  const { classifier } = family;
  if (classifier === undefined) {
    throw new InputError(
      `${described.id} reads its classes from a class token, not from the average of a map: it has no class weights`,
    );
  }
  const { layer, weight, bias, firstRow, norm } = classifier;
  const channels = findLayer(described, layer).shape[0];
  return {
    layer,
    channels,
    weight: read(weight).slice(firstRow * channels),
    bias: read(bias).slice(firstRow),
    norm: norm && { ...norm, weight: read(norm.weight), bias: read(norm.bias) },
  };
}
