import type { InputError } from '../errors.js';
import { gridCells, imageGrid } from '../images/grid.js';
import { writePng } from '../images/png.js';
import { readImage } from '../images/read-image.js';
import type { RgbImage } from '../images/rgb-image.js';
import type { EvaluationImages } from './evaluation-images.js';
import type { EvaluationRecord } from './evaluation-record.js';
import type { EvaluationStore, HeldBatch } from './evaluation-store.js';
import { measureBatch, type Instruments, type MeasuredPictures } from './measure-images.js';

/** Images of a set whose pictures are kept to be shown. */
export const SHOWN_IMAGES = 64;

export interface EvaluationHooks {
  /** Images done so far of this part's, those of earlier runs included. */
  readonly onProgress?: (done: number) => void;
  /** A photograph that cannot be read, once for each of its images. */
  readonly onFailure?: (error: Error) => void;
  /** Stops between two batches; what is measured is kept. */
  readonly signal?: AbortSignal;
}

/** Measures what a store lacks. Returns false where the signal stopped it. */
export async function runEvaluation(
  instruments: Instruments,
  images: EvaluationImages,
  store: EvaluationStore,
  { onProgress, onFailure, signal }: EvaluationHooks = {},
): Promise<boolean> {
  const missing = new Set(store.missing);
  let done = 0;
  for (const batch of store.batches) {
    if (missing.has(batch)) {
      if (signal?.aborted) return false;
      const failures = await measureIntoStore(instruments, images, store, batch);
      failures.forEach((failure) => onFailure?.(failure));
    }
    done += store.indicesOf(batch).length;
    onProgress?.(done);
  }
  return true;
}

/** Measures one batch and writes its files. Returns an error for each image that could not be read. */
export async function measureIntoStore(
  instruments: Instruments,
  images: EvaluationImages,
  store: EvaluationStore,
  batch: number,
): Promise<readonly InputError[]> {
  const indices = store.indicesOf(batch);
  const started = performance.now();
  const measured = await measureBatch(instruments, images, indices, store.plan.seed);
  const { records, pictures, failures } = measured;
  if (indices[0]! < SHOWN_IMAGES && records.length > 0) {
    await writePng(store.picturesFile(batch), pictureRows(pictures));
  }
  await store.write(batch, {
    records,
    failures: failures.map(({ message }) => message),
    seconds: (performance.now() - started) / 1000,
  });
  return failures;
}

/** Originals above their reconstructions. */
function pictureRows({ originals, reconstructions }: MeasuredPictures): RgbImage {
  return imageGrid([...originals, ...reconstructions], originals.length);
}

/** One image of an evaluation with its pictures. */
export interface ShownImage {
  readonly record: EvaluationRecord;
  readonly original: RgbImage;
  readonly reconstruction: RgbImage;
}

/** The images of some batches whose pictures were kept, in order. */
export async function shownImages(batches: readonly HeldBatch[]): Promise<ShownImage[]> {
  const shown: ShownImage[] = [];
  for (const { batch, store } of batches) {
    if (store.indicesOf(batch)[0]! >= SHOWN_IMAGES) break;
    const { records } = store.read(batch);
    if (records.length === 0) continue;
    const rows = await readImage(store.picturesFile(batch));
    const cells = gridCells(rows, rows.height / 2);
    records.forEach((record, i) =>
      shown.push({
        record,
        original: cells[i]!,
        reconstruction: cells[records.length + i]!,
      }),
    );
  }
  return shown.slice(0, SHOWN_IMAGES);
}
