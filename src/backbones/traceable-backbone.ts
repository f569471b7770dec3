import { InputError } from '../errors.js';
import { input, inputsOf, sameShape, show, substitute, type Tensor } from '../graph/index.js';
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
  const { id, preprocessing, defaultLayer } = described;
  const trace = (images: Tensor) => weighted.family.trace(weighted.parameters, images);
  const traceImages = (images: Tensor) => trace(traceInput(images, preprocessing));

  const logitsFrom = (layer: string, map: Tensor): Tensor => {
    const { name, shape } = findLayer(described, layer);
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
        `layer ${name} of ${id} is bypassed by a skip connection or a class token: its map alone does not decide the classes`,
      );
    }
    return rest!;
  };

  const open = async (options: OpenOptions = {}): Promise<BackboneSession> => {
    const layer = findLayer(described, options.layer ?? defaultLayer);
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

  const classWeights = () => readClassWeights(described, weighted);
  return { ...described, trace, traceImages, logitsFrom, classWeights, open };
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
