import { fileURLToPath } from 'node:url';
import { openSafetensors } from '../../../src/checkpoints/safetensors.js';
import type { Shape } from '../../../src/graph/index.js';

export interface EncoderReference {
  /** Of all parameters, by their names in transformers. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** int64 token ids, [N · positions]. */
  readonly ids: BigInt64Array;
  /** Last hidden states; the large model's at every eleventh position only. */
  readonly states: Float32Array;
}

/** What reference/text/make_encoder_fixtures.py wrote. */
export function readEncoderReference(name: 'small' | 'large'): EncoderReference {
  const url = new URL(`../../fixtures/text/encoder-${name}.safetensors`, import.meta.url);
  const file = openSafetensors(fileURLToPath(url));
  const shapes = JSON.parse(file.metadata['shapes']!) as Record<string, Shape>;
  return {
    shapes: new Map(Object.entries(shapes)),
    ids: BigInt64Array.from(file.read('ids'), BigInt),
    states: file.read('states'),
  };
}
