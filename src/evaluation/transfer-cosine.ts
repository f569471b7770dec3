import { FeatureExtractor } from '../inversion/feature-extractor.js';
import { toBatch } from '../inversion/planar.js';
import type { RgbPixels } from '../metrics/index.js';
import { cosineMap, mean } from '../metrics/index.js';
import type { SessionOptions } from '../runtime/session.js';
import type { MeasuredPictures } from './measure-images.js';

/** The feature cosine in the eyes of a classifier that the inverter does not know. Means over images. */
export interface TransferCosine {
  readonly backbone: string;
  readonly layer: string;
  readonly cosine: number;
  /** With another random image, and with the autoencoder's round trip. */
  readonly floor: number;
  readonly ceiling: number;
}

/** Measures the pictures of an evaluation batch by batch, in memory that does not grow. */
export class TransferMeter {
  private images = 0;
  private readonly sums = { cosine: 0, floor: 0, ceiling: 0 };

  private constructor(private readonly extractor: FeatureExtractor) {}

  /** `imageSize` is the side of the evaluated pictures. */
  static async open(
    backbone: string,
    layer: string,
    imageSize: number,
    options: SessionOptions = {},
  ): Promise<TransferMeter> {
    return new TransferMeter(await FeatureExtractor.open(backbone, layer, imageSize, options));
  }

  async add(batch: MeasuredPictures): Promise<void> {
    const originals = await this.maps(batch.originals);
    const partners = {
      cosine: await this.maps(batch.reconstructions),
      floor: await this.maps(batch.others),
      ceiling: await this.maps(batch.copies),
    };
    const [channels, height, width] = this.extractor.mapShape;
    const cosine = (a: Float32Array, b: Float32Array): number =>
      mean(cosineMap(a, b, { channels, height, width }));
    originals.forEach((map, i) => {
      this.images++;
      this.sums.cosine += cosine(map, partners.cosine[i]!);
      this.sums.floor += cosine(map, partners.floor[i]!);
      this.sums.ceiling += cosine(map, partners.ceiling[i]!);
    });
  }

  /** Of the batches so far; at least one. */
  result(): TransferCosine {
    const { images, sums, extractor } = this;
    return {
      backbone: extractor.backbone.id,
      layer: extractor.layer,
      cosine: sums.cosine / images,
      floor: sums.floor / images,
      ceiling: sums.ceiling / images,
    };
  }

  dispose(): Promise<void> {
    return this.extractor.dispose();
  }

  private async maps(images: readonly RgbPixels[]): Promise<Float32Array[]> {
    const { maps } = await this.extractor.run(toBatch(images));
    return images.map((_, i) => this.extractor.mapAt(maps, i));
  }
}
