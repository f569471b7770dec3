import { DEFAULT_BACKBONE, listBackbones } from '../backbones/index.js';
import { FeatureExtractor } from '../inversion/feature-extractor.js';
import { toBatch } from '../inversion/planar.js';
import type { RgbPixels } from '../metrics/index.js';
import { cosineMap, mean } from '../metrics/index.js';
import type { SessionOptions } from '../runtime/session.js';
import type { ImageCosines } from './evaluation-record.js';
import type { Judge, MeasuredPictures } from './measure-images.js';

/**
 * Measures with the maps of a classifier that neither conditioned nor guided the reconstructions: the
 * conditioning classifier's own cosine can rise without the picture improving.
 */
export class MapJudge implements Judge {
  private constructor(private readonly extractor: FeatureExtractor) {}

  /** `imageSize` is the side of the evaluated pictures; without a layer the classifier's default one. */
  static async open(
    { backbone, layer }: { readonly backbone: string; readonly layer?: string | undefined },
    imageSize: number,
    options: SessionOptions = {},
  ): Promise<MapJudge> {
    return new MapJudge(await FeatureExtractor.open(backbone, layer, imageSize, options));
  }

  get backbone(): string {
    return this.extractor.backbone.id;
  }

  get layer(): string {
    return this.extractor.layer;
  }

  async judge(pictures: MeasuredPictures): Promise<ImageCosines[]> {
    const originals = await this.maps(pictures.originals);
    const reconstructions = await this.maps(pictures.reconstructions);
    const others = await this.maps(pictures.others);
    const copies = await this.maps(pictures.copies);
    const [channels, height, width] = this.extractor.mapShape;
    const shape = { channels, height, width };
    return originals.map((map, i) => ({
      cosine: mean(cosineMap(map, reconstructions[i]!, shape)),
      floor: mean(cosineMap(map, others[i]!, shape)),
      ceiling: mean(cosineMap(map, copies[i]!, shape)),
    }));
  }

  dispose(): Promise<void> {
    return this.extractor.dispose();
  }

  private async maps(images: readonly RgbPixels[]): Promise<Float32Array[]> {
    const { maps } = await this.extractor.run(toBatch(images));
    return images.map((_, i) => this.extractor.mapAt(maps, i));
  }
}

/** The default backbone judges the others' inverters, the next shipped one judges its own. */
export async function defaultJudge(backbone: string): Promise<{ backbone: string }> {
  const others = (await listBackbones()).filter(({ id }) => id !== backbone);
  const judge = others.find(({ id }) => id === DEFAULT_BACKBONE) ?? others[0]!;
  return { backbone: judge.id };
}
