import { InputError } from '../errors.js';
import { FeatureExtractor } from '../inversion/feature-extractor.js';
import type { Inverter } from '../inversion/inverter.js';
import type { SamplingDefaults } from '../inversion/inverter-config.js';
import { toBatch } from '../inversion/planar.js';
import type { MapShape, RgbPixels } from '../metrics/index.js';
import type { SessionOptions } from '../runtime/session.js';
import type { EvaluationSubject, Look } from './measure-images.js';

/** An inverter as what an evaluation measures. Images must be prepared: squares of its image size. */
export class InverterSubject implements EvaluationSubject {
  readonly mapShape: MapShape;

  private constructor(
    private readonly inverter: Inverter,
    private readonly sampling: Partial<SamplingDefaults>,
    /** Of the classifier's last map; undefined where the inverter reads that one itself. */
    private readonly last: FeatureExtractor | undefined,
    private readonly onStep: ((done: number, steps: number) => void) | undefined,
  ) {
    const [channels, height, width] = inverter.config.mapShape;
    this.mapShape = { channels, height, width };
  }

  /** `onStep` is told of each denoising step of a batch. */
  static async open(
    inverter: Inverter,
    options: {
      readonly sampling?: Partial<SamplingDefaults>;
      readonly session?: SessionOptions;
      readonly onStep?: (done: number, steps: number) => void;
    } = {},
  ): Promise<InverterSubject> {
    const { backbone, config, imageSize } = inverter;
    const layer = backbone.defaultLayer;
    const last =
      layer === config.layer
        ? undefined
        : await FeatureExtractor.open(backbone, layer, imageSize, options.session);
    return new InverterSubject(inverter, options.sampling ?? {}, last, options.onStep);
  }

  /** Pooled features are the mean over positions of the classifier's last map. */
  async look(images: readonly RgbPixels[]): Promise<Look[]> {
    this.checkSizes(images);
    const { maps, logits } = await this.inverter.look(images);
    const last = this.last && (await this.last.run(toBatch(images))).maps;
    const classes = logits.length / images.length;
    return images.map((_, i) => {
      const map = this.inverter.mapAt(maps, i);
      const pooled =
        this.last && last
          ? meanOverPositions(this.last.mapAt(last, i), this.last.mapShape[0])
          : meanOverPositions(map, this.mapShape.channels);
      return { map, scores: logits.subarray(i * classes, (i + 1) * classes), pooled };
    });
  }

  reconstruct(maps: readonly Float32Array[], seeds: readonly number[]): Promise<RgbPixels[]> {
    const { onStep } = this;
    return this.inverter.sample(
      maps,
      seeds,
      this.sampling,
      onStep && (({ done, steps }) => onStep(done, steps)),
    );
  }

  roundTrip(images: readonly RgbPixels[]): Promise<RgbPixels[]> {
    return this.inverter.roundTrip(images);
  }

  /** Frees what this opened; the inverter stays. */
  async dispose(): Promise<void> {
    await this.last?.dispose();
  }

  private checkSizes(images: readonly RgbPixels[]): void {
    const size = this.inverter.imageSize;
    const wrong = images.find(({ width, height }) => width !== size || height !== size);
    if (wrong) {
      throw new InputError(
        `evaluation: a picture of ${wrong.width}x${wrong.height}; the inverter needs ${size}x${size}`,
      );
    }
  }
}

/** [C, H, W] to [C]. */
function meanOverPositions(map: Float32Array, channels: number): Float32Array {
  const positions = map.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = 0; i < positions; i++) sum += map[channel * positions + i]!;
    return sum / positions;
  });
}
