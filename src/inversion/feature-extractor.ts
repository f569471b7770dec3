/** A classifier's map and logits of pictures at an inverter's size. */
import {
  findLayer,
  isTraceable,
  loadBackbone,
  requireTraceable,
  type Backbone,
  type BackboneSession,
} from '../backbones/index.js';
import { input, type Tensor } from '../graph/index.js';
import { memoryNeed, sumNeeds, type MemoryNeed } from '../runtime/memory-need.js';
import type { SessionOptions } from '../runtime/session.js';

/** Feature maps [N, C, h, w] and logits [N, classes] of N pictures. */
export interface Features {
  readonly maps: Float32Array;
  readonly logits: Float32Array;
}

/** Pictures of one run; more are looked at in turns. */
const BATCH = 16;

/**
 * Looks at square pictures in [-1, 1] with a frozen classifier. The pictures are enlarged to the
 * classifier's input bilinearly, in the graph.
 */
export class FeatureExtractor {
  private readonly sessions = new Map<number, Promise<BackboneSession>>();

  private constructor(
    readonly backbone: Backbone,
    readonly layer: string,
    /** Channels, height and width of the map. */
    readonly mapShape: readonly [number, number, number],
    private readonly imageSize: number,
    private readonly options: SessionOptions,
  ) {}

  /**
   * `backbone` is an open one or what `loadBackbone` takes; `imageSize` the pictures' side. Without
   * a layer the classifier's default one.
   */
  static async open(
    backbone: string | Backbone,
    layer: string | undefined,
    imageSize: number,
    options: SessionOptions = {},
  ): Promise<FeatureExtractor> {
    const opened = typeof backbone === 'string' ? await loadBackbone(backbone) : backbone;
    const { name, shape } = findLayer(opened, layer ?? opened.defaultLayer);
    return new FeatureExtractor(opened, name, shape, imageSize, options);
  }

  /** The map of traced pictures [N, 3, S, S], as part of another graph. */
  trace(images: Tensor): Tensor {
    return requireTraceable(this.backbone).traceImages(images).taps.get(this.layer)!;
  }

  /** Looks at pictures [N, 3, S, S] in [-1, 1], for any N. */
  async run(images: Float32Array): Promise<Features> {
    const features = await this.lookAt(images);
    if (this.options.memory === 'low') await this.dispose();
    return features;
  }

  /** Memory of looking at `count` pictures; of an .onnx file that cannot be traced it is not known, and none. */
  memoryNeed(count: number): MemoryNeed {
    if (!isTraceable(this.backbone)) return sumNeeds([]);
    const shape = [Math.min(BATCH, count), 3, this.imageSize, this.imageSize];
    const { taps, logits } = this.backbone.traceImages(input('images', shape));
    const { memory } = this.options;
    return memoryNeed({ map: taps.get(this.layer)!, logits }, { memory });
  }

  private async lookAt(images: Float32Array): Promise<Features> {
    const stride = 3 * this.imageSize ** 2;
    const count = images.length / stride;
    const maps = new Float32Array(count * this.mapSize);
    const logits = new Float32Array(count * this.backbone.labels.length);
    for (let start = 0; start < count; start += BATCH) {
      const batch = Math.min(BATCH, count - start);
      const session = await this.session(batch);
      const result = await session.run(images.subarray(start * stride, (start + batch) * stride));
      maps.set(result.map, start * this.mapSize);
      logits.set(result.logits, start * this.backbone.labels.length);
    }
    return { maps, logits };
  }

  /** Number of values of one map. */
  get mapSize(): number {
    const [channels, height, width] = this.mapShape;
    return channels * height * width;
  }

  /** Map number `index` of a batch of maps. */
  mapAt(maps: Float32Array, index: number): Float32Array {
    return maps.subarray(index * this.mapSize, (index + 1) * this.mapSize);
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).dispose();
    this.sessions.clear();
  }

  private session(batch: number): Promise<BackboneSession> {
    const { layer, imageSize, options } = this;
    const known =
      this.sessions.get(batch) ??
      this.backbone.open({ layer, batch, imageSize: [imageSize, imageSize], ...options });
    this.sessions.set(batch, known);
    return known;
  }
}
