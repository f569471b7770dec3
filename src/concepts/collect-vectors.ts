/** Feature vectors of pictures, for a fit. */
import { topPredictions } from '../backbones/index.js';
import { InputError } from '../errors.js';
import { readImage } from '../images/read-image.js';
import { centreSquare } from '../images/resize.js';
import type { FeatureExtractor } from '../inversion/feature-extractor.js';
import { toBatch } from '../inversion/planar.js';
import { vectors, vectorsOfMap, type Vectors } from './vectors.js';

export interface CollectOptions {
  /**
   * Keep only pictures whose first class is this one: its number, or a part of its name in any case.
   */
  readonly class?: string | undefined;
  /** Called for a picture that cannot be read, which is then left out; without it the error is thrown. */
  readonly onUnreadable?: ((error: InputError) => void) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface CollectedVectors {
  /** [pictures · H · W, C], pictures in the given order, positions row by row. */
  readonly vectors: Vectors;
  /** The pictures that were kept. */
  readonly images: readonly string[];
}

/** A picture's file, map [C, H, W] and logits [classes]. */
export interface SeenPicture {
  readonly file: string;
  readonly map: Float32Array;
  readonly logits: Float32Array;
}

/** Maps of the middle squares of picture files, as vectors. Throws InputError where none is kept. */
export function collectVectors(
  extractor: FeatureExtractor,
  imageSize: number,
  files: readonly string[],
  options: CollectOptions = {},
): Promise<CollectedVectors> {
  return keepVectors(look(extractor, imageSize, files, options), extractor, options);
}

async function* look(
  extractor: FeatureExtractor,
  imageSize: number,
  files: readonly string[],
  { onUnreadable, onProgress }: CollectOptions,
): AsyncGenerator<SeenPicture> {
  for (const [i, file] of files.entries()) {
    const image = await readImage(file).catch((error: unknown) => {
      if (!(error instanceof InputError) || onUnreadable === undefined) throw error;
      onUnreadable(error);
    });
    if (image === undefined) continue;
    const { maps, logits } = await extractor.run(toBatch([centreSquare(image, imageSize)]));
    yield { file, map: maps, logits };
    onProgress?.(i + 1, files.length);
  }
}

/** The maps of pictures that were looked at, as vectors. Throws InputError where none is kept. */
export async function keepVectors(
  pictures: AsyncIterable<SeenPicture>,
  { backbone, mapShape }: Pick<FeatureExtractor, 'backbone' | 'mapShape'>,
  options: Pick<CollectOptions, 'class'> = {},
): Promise<CollectedVectors> {
  const kept: { file: string; rows: Vectors }[] = [];
  let seen = 0;
  for await (const { file, map, logits } of pictures) {
    seen++;
    const [first] = topPredictions(logits, backbone.labels, 1);
    if (options.class === undefined || isClass(first!, options.class)) {
      kept.push({ file, rows: vectorsOfMap({ shape: mapShape, data: map }) });
    }
  }
  if (kept.length === 0) {
    throw new InputError(
      options.class === undefined
        ? 'there are no pictures to collect feature vectors from that can be read'
        : `none of the ${seen} pictures is seen as "${options.class}" by ${backbone.id}; give a part of a class name that \`featinv classify\` prints, or leave --class out`,
    );
  }
  const all = vectors(
    kept.reduce((sum, { rows }) => sum + rows.count, 0),
    mapShape[0],
  );
  let at = 0;
  for (const { rows } of kept) {
    all.data.set(rows.data, at);
    at += rows.data.length;
  }
  return { vectors: all, images: kept.map(({ file }) => file) };
}

function isClass(found: { index: number; label: string }, wanted: string): boolean {
  if (/^\d+$/.test(wanted)) return found.index === Number(wanted);
  return found.label.toLowerCase().includes(wanted.toLowerCase());
}
