import { openCheckpoint } from '../../checkpoints/open-checkpoint.js';
import { input } from '../../graph/index.js';
import type { RgbPixels } from '../../metrics/index.js';
import { mappedParameters, type Parameters } from '../../nn/index.js';
import { Session, type SessionOptions } from '../../runtime/session.js';
import { checkInceptionFile } from './inception-weights.js';
import { traceInception } from './inception-v3.js';

/** Number of features of a picture. */
export const INCEPTION_FEATURES = 2048;

type InceptionSession = Session<'features'>;

/**
 * The features of which FID is made. Pictures go through the network one at a time, so that a picture's
 * features are the same to the bit whatever lies beside it; batches of 8 would save a fifth of the time.
 *
 * @example
 * const inception = await InceptionFeatures.open(weights, { threads: 2 });
 * const distance = frechetDistance(
 *   gaussianFromSamples(await inception.run(originals)),
 *   gaussianFromSamples(await inception.run(reconstructions)),
 * );
 */
export class InceptionFeatures {
  private readonly sessions = new Map<string, Promise<InceptionSession>>();

  private constructor(
    private readonly parameters: Parameters,
    private readonly options: SessionOptions,
  ) {}

  /**
   * @param weights file with the names of pytorch-fid, as `findInceptionWeights` gives it. Throws InputError
   * when it is damaged or holds another network.
   */
  static async open(weights: string, options: SessionOptions = {}): Promise<InceptionFeatures> {
    await checkInceptionFile(weights);
    const features = new InceptionFeatures(mappedParameters(openCheckpoint(weights)), options);
    // Finds missing tensors now, not when the first picture has been made.
    features.trace(1, 1);
    return features;
  }

  /** The features of each picture, 2,048 each. Pictures may have any size. */
  async run(pictures: readonly RgbPixels[]): Promise<Float32Array[]> {
    const rows: Float32Array[] = [];
    for (const picture of pictures) {
      const session = await this.session(picture.height, picture.width);
      const { features } = await session.run({ pictures: planes(picture) });
      rows.push(features);
    }
    return rows;
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).dispose();
    this.sessions.clear();
  }

  private trace(height: number, width: number) {
    return traceInception(this.parameters, input('pictures', [1, 3, height, width])).pool3;
  }

  private session(height: number, width: number): Promise<InceptionSession> {
    const key = `${height}x${width}`;
    const known =
      this.sessions.get(key) ??
      Session.compile({ features: this.trace(height, width) }, this.options);
    this.sessions.set(key, known);
    return known;
  }
}

/** Interleaved bytes to [3, H, W] in [0, 1]. */
export function planes({ data, width, height }: RgbPixels): Float32Array {
  const positions = width * height;
  const out = new Float32Array(3 * positions);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < positions; i++) out[c * positions + i] = data[3 * i + c]! / 255;
  }
  return out;
}
