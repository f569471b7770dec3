/** Moving pictures, as GIF or WebP. */
import sharp from 'sharp';
import { InputError } from '../errors.js';
import { writeAtomic } from '../files.js';
import type { RgbImage } from './rgb-image.js';

export interface AnimationOptions {
  /** Pictures a second. */
  readonly rate: number;
  /** Side of the written pictures in pixels. */
  readonly side: number;
  /** From the last picture back to the first, so that a loop does not jump. */
  readonly thereAndBack: boolean;
}

const ENDINGS = ['gif', 'webp'] as const;

/** `gif` or `webp` by the file's ending; throws InputError for another. */
export function animationFormat(file: string): (typeof ENDINGS)[number] {
  const ending = ENDINGS.find((known) => file.toLowerCase().endsWith(`.${known}`));
  if (ending !== undefined) return ending;
  throw new InputError(`${file}: an animation is written as .gif or .webp, give such a name`);
}

/** What the encoders take, in pixels of all frames together. */
const MOST_PIXELS = 2 ** 28 - 2 ** 16;

/** Throws InputError for more frames of this side than an animation can hold. */
export function checkAnimationSize(frames: number, side: number): void {
  const most = Math.floor(MOST_PIXELS / side ** 2);
  if (frames <= most) return;
  throw new InputError(
    `an animation of ${side} pixels holds at most ${most} frames, this one would have ${frames}: make it smaller or shorter`,
  );
}

/** Writes square pictures of one size as an endless loop, enlarged smoothly. */
export async function writeAnimation(
  file: string,
  pictures: readonly RgbImage[],
  { rate, side, thereAndBack }: AnimationOptions,
): Promise<void> {
  const format = animationFormat(file);
  const frames = thereAndBack ? [...pictures, ...pictures.slice(1, -1).reverse()] : pictures;
  checkAnimationSize(frames.length, side);
  const enlarged: Buffer[] = [];
  for (const { width, height, data } of frames) {
    enlarged.push(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .resize(side, side, { kernel: 'lanczos3' })
        .raw()
        .toBuffer(),
    );
  }
  const height = side * frames.length;
  const strip = sharp(Buffer.concat(enlarged), {
    raw: { width: side, height, channels: 3, pageHeight: side },
  });
  const timing = { loop: 0, delay: frames.map(() => Math.round(1000 / rate)) };
  const written =
    format === 'gif' ? strip.gif({ ...timing, effort: 7 }) : strip.webp({ ...timing, quality: 85 });
  await writeAtomic(file, await written.toBuffer());
}
