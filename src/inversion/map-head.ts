/** The rest of a classifier behind the layer of a map: from maps to classes. */
import { isTraceable, type Backbone } from '../backbones/index.js';
import { InputError } from '../errors.js';
import { input } from '../graph/index.js';
import { Session, type SessionOptions } from '../runtime/session.js';

/** Logits of maps [C, H, W] of one layer, one map at a time. */
export class MapHead {
  private constructor(private readonly session: Session<'logits'>) {}

  /** Throws InputError for an .onnx classifier, whose graph cannot be entered in the middle. */
  static async open(
    backbone: Backbone,
    layer: string,
    mapShape: readonly [number, number, number],
    options: SessionOptions = {},
  ): Promise<MapHead> {
    if (!isTraceable(backbone)) {
      throw new InputError(
        `${backbone.id} is an .onnx file, which cannot be entered at layer ${layer}; use a built-in backbone`,
      );
    }
    const logits = backbone.logitsFrom(layer, input('map', [1, ...mapShape]));
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
