import type { RgbImage } from '../images/rgb-image.js';
import { topIndices } from '../metrics/top-match.js';
import type { Backbone, BackboneSession } from './backbone.js';
import { preprocessPhotograph } from './preprocess.js';

export interface Prediction {
  /** Position in the logits; ImageNet's index for the shipped backbones. */
  readonly index: number;
  readonly label: string;
  /** Softmax of the logits. */
  readonly probability: number;
}

/** exp(x) / Σ exp(x), in double precision. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, logits[i]!);
  const values = Float64Array.from(logits, (value) => Math.exp(value - highest));
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

/** The `count` most probable classes, most probable first. */
export function topPredictions(
  logits: ArrayLike<number>,
  labels: readonly string[],
  count = 5,
): Prediction[] {
  const probabilities = softmax(logits);
  return topIndices(logits, count).map((index) => ({
    index,
    label: labels[index] ?? `class ${index}`,
    probability: probabilities[index]!,
  }));
}

/**
 * What a backbone says a photograph shows, five classes.
 *
 * @example
 * const backbone = await loadBackbone('efficientnet_lite0');
 * const [best] = await classify(backbone, await readImage('dog.jpg'));
 */
export async function classify(
  backbone: Backbone,
  image: RgbImage,
  session?: BackboneSession,
): Promise<Prediction[]> {
  const used = session ?? (await backbone.open());
  try {
    const { logits } = await used.run(preprocessPhotograph(image, backbone.preprocessing));
    return topPredictions(logits, backbone.labels);
  } finally {
    if (session === undefined) await used.dispose();
  }
}
