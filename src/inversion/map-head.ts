/** The rest of a classifier behind the layer of a map: from maps to classes. */
import { requireTraceable, type Backbone } from '../backbones/index.js';
import { input } from '../graph/index.js';
import { Session, type SessionOptions } from '../runtime/session.js';

/** Logits of maps [C, H, W] of one layer, one map at a time. */
export class MapHead {
  private constructor(private readonly session: Session<'logits'>) {}

  /** Throws InputError for an .onnx classifier that cannot be traced, and for a layer that others bypass. */
  static async open(
    backbone: Backbone,
    layer: string,
    mapShape: readonly [number, number, number],
    options: SessionOptions = {},
  ): Promise<MapHead> {
    const logits = requireTraceable(backbone).logitsFrom(layer, input('map', [1, ...mapShape]));
    return new MapHead(await Session.compile({ logits }, options));
  }

  /** Logits [classes] of a map. */
  async logits(map: Float32Array): Promise<Float32Array> {
    return (await this.session.run({ map })).logits;
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}
