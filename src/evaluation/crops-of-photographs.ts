import type { RgbPixels } from '../metrics/index.js';
import type { EvaluationImages } from './measure-images.js';

/** All crops of photographs as the images of an evaluation. */
export function imagesOfCrops(
  photographs: readonly { readonly file: string; readonly crops: readonly RgbPixels[] }[],
): EvaluationImages {
  const all = photographs.flatMap(({ file, crops }) =>
    crops.map((image, i) => ({ file, image, name: i === 0 ? file : `${file}, crop ${i + 1}` })),
  );
  return {
    count: all.length,
    source: (index) => all[index]!.file,
    read: async (index) => all[index]!,
  };
}
