import type { Prediction } from '../../backbones/index.js';
import { topPredictions } from '../../backbones/index.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { loadInverter } from '../../inversion/inverter.js';
import type { InverterConfig } from '../../inversion/inverter-config.js';
import {
  compareSights,
  seePictures,
  type Comparison,
} from '../../inversion/reconstruct-picture.js';
import type { SessionOptions } from '../../runtime/session.js';

/** What one inverter makes of all photographs. */
export interface ModelResult {
  readonly config: InverterConfig;
  /** The classifier's name for people. */
  readonly backbone: string;
  /** In the order of the photographs. */
  readonly photographs: readonly PhotographResult[];
}

export interface PhotographResult {
  /** The square that the classifier was shown. */
  readonly prepared: RgbImage;
  readonly top5: readonly Prediction[];
  /** One for each seed. */
  readonly samples: readonly { readonly image: RgbImage; readonly seed: number }[];
  /** Of the first sample. */
  readonly comparison: Comparison;
  /** Time for one sample. */
  readonly seconds: number;
}

export interface DemoRun {
  readonly photographs: readonly RgbImage[];
  readonly session: SessionOptions;
  /** `done` of `total` pictures are sampled, the next ones are at `step` of `steps`. */
  readonly onProgress: (done: number, step: number, steps: number) => void;
}

/** Samples all photographs with one model (a name or folder), all at once for each seed, and compares the first ones. */
export async function reconstructPhotographs(
  model: string,
  seeds: readonly number[],
  { photographs, session, onProgress }: DemoRun,
): Promise<ModelResult> {
  const inverter = await loadInverter(model, session);
  const prepared = await Promise.all(photographs.map((image) => inverter.prepare(image)));
  const originals = await seePictures(inverter, prepared);
  const maps = originals.map(({ map }) => map);
  const started = performance.now();
  const rounds: RgbImage[][] = [];
  for (const seed of seeds) {
    const same = maps.map(() => seed);
    const done = rounds.length * maps.length;
    rounds.push(
      await inverter.sample(maps, same, {}, ({ done: step, steps }) =>
        onProgress(done, step, steps),
      ),
    );
  }
  const seconds = (performance.now() - started) / 1000 / (seeds.length * maps.length);
  const sights = await seePictures(inverter, rounds[0]!);
  const results = prepared.map((image, i): PhotographResult => ({
    prepared: image,
    top5: topPredictions(originals[i]!.logits!, inverter.backbone.labels),
    samples: rounds.map((round, k) => ({ image: round[i]!, seed: seeds[k]! })),
    comparison: compareSights(inverter, originals[i]!, sights[i]!),
    seconds,
  }));
  await inverter.dispose();
  const { config, backbone } = inverter;
  return { config, backbone: backbone.title, photographs: results };
}
