import { InputError } from '../errors.js';
import { input, inputsOf, sameShape, show, substitute, type Tensor } from '../graph/index.js';
import type { Backbone, TracedBackbone } from './backbone.js';
import { findLayer } from './find-layer.js';

/**
 * Logits [N, classes] of a map [N, C, H, W] of one layer: the traced network from there on. Throws
 * InputError for a map of another shape, and for a layer that others bypass.
 */
export function logitsFrom(
  described: Pick<Backbone, 'id' | 'layers' | 'preprocessing'>,
  trace: (images: Tensor) => TracedBackbone,
  layer: string,
  map: Tensor,
): Tensor {
  const { id, preprocessing } = described;
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
}
