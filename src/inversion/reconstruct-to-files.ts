import { topPredictions, type Prediction } from '../backbones/index.js';
import { writePng } from '../images/png.js';
import type { Inverter } from './inverter.js';
import { reconstructSight, type Sight } from './reconstruct-picture.js';

/** What is told about the reconstructions of one picture. */
export interface ReconstructedFile {
  /** The original's first class; null where only its map is known. */
  readonly top1: string | null;
  readonly samples: readonly ReconstructedSample[];
  readonly seconds: number;
}

export interface ReconstructedSample {
  readonly seed: number;
  readonly cosine: { readonly mean: number; readonly median: number };
  readonly top5: readonly Prediction[];
  readonly top5Match: boolean | null;
}

/** Reconstructs what `see` saw, and writes one PNG for each sample. */
export async function reconstructToFiles(
  inverter: Inverter,
  see: () => Promise<Sight>,
  fileOf: (seed: number) => string,
  options: Parameters<typeof reconstructSight>[2],
): Promise<ReconstructedFile> {
  const started = performance.now();
  const original = await see();
  const made = await reconstructSight(inverter, original, options);
  for (const { seed, image } of made) await writePng(fileOf(seed), image);
  const { labels } = inverter.backbone;
  return {
    top1: original.logits && topPredictions(original.logits, labels, 1)[0]!.label,
    samples: made.map(({ seed, cosine, top5, top5Match }) => ({ seed, cosine, top5, top5Match })),
    seconds: (performance.now() - started) / 1000,
  };
}
