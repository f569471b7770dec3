import path from 'node:path';
import type { SteeringResult } from '../../concepts/steer.js';
import type { SteeringSummary } from '../../concepts/steering-summary.js';
import { writeAtomic } from '../../files.js';
import { differencePicture, differenceRange } from '../../images/difference-picture.js';
import { imageGrid } from '../../images/grid.js';
import { writePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { renderSteerPage } from '../../report/steer-page.js';
import type { SteerPage } from '../../report/steer-page-data.js';
import { steerPageOf } from './steer-page-of.js';

/** Paths of what was written. */
export interface SteeringFiles {
  /** Rows: seeds, columns: scales. */
  readonly strip: string;
  readonly page: string;
  /** In the result's order. */
  readonly scales: readonly { readonly images: readonly string[]; readonly difference: string }[];
}

/** Writes the pictures, their strip, the mean differences and the page into a folder. */
export async function writeSteering(
  directory: string,
  result: SteeringResult,
  summary: readonly SteeringSummary[],
  run: { readonly image: string } & Pick<SteerPage, 'settings' | 'commands'>,
): Promise<SteeringFiles> {
  const { scales, seeds, photograph } = result;
  const save = async (name: string, pixels: RgbImage): Promise<string> => {
    const file = path.join(directory, name);
    await writePng(file, pixels);
    return file;
  };
  const range = differenceRange(scales.map(({ difference }) => difference.mean));
  const differences = scales.map(({ difference }) =>
    differencePicture(difference.mean, photograph, range),
  );
  const files: { images: string[]; difference: string }[] = [];
  for (const [i, { scale, samples }] of scales.entries()) {
    const images: string[] = [];
    for (const { seed, image } of samples) {
      images.push(await save(`scale-${scale}.${seed}.png`, image));
    }
    const difference = await save(`scale-${scale}.difference.png`, differences[i]!);
    files.push({ images, difference });
  }
  const rows = seeds.flatMap((_, k) => scales.map(({ samples }) => samples[k]!.image));
  const strip = await save('strip.png', imageGrid(rows, scales.length));
  const page = path.join(directory, 'steer.html');
  const data = await steerPageOf(result, summary, {
    name: path.parse(run.image).name.replaceAll('-', ' '),
    differences,
    differenceRange: range,
    settings: run.settings,
    commands: run.commands,
  });
  await writeAtomic(page, renderSteerPage(data));
  return { strip, page, scales: files };
}
