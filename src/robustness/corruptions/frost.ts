import { InputError } from '../../errors.js';
import { listImages } from '../../images/list-images.js';
import { readImage } from '../../images/read-image.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { enlargeCubic } from './enlarge-cubic.js';
import { drawFrostTexture } from './frost-texture.js';

/** Weights of the picture and of the ice; what exceeds white is cut off. */
const WEIGHTS: BySeverity<{ readonly picture: number; readonly ice: number }> = [
  { picture: 1, ice: 0.4 },
  { picture: 0.8, ice: 0.6 },
  { picture: 0.7, ice: 0.7 },
  { picture: 0.65, ice: 0.7 },
  { picture: 0.6, ice: 0.75 },
];

/** Textures are enlarged to this multiple of what covers the picture, to leave room for chance. */
const ROOM = 1.1;

/**
 * Lays ice over the picture. The original benchmark cuts it from five photographs whose origin is unclear,
 * so none come with this package: `drawFrostTexture` draws feathery crystals of the same brightness,
 * contrast and scale instead. With `frostTextures` (such as the originals, read by `readFrostTextures`)
 * one of them is chosen and cut at random; the weights are the same.
 */
export const frost: Corruption = (image, severity, random, { frostTextures } = {}) =>
  layIce(
    image,
    severity,
    frostTextures === undefined
      ? drawFrostTexture(image, random)
      : cutTexture(frostTextures, image, random),
  );

/** `ice` has the picture's size. */
export function layIce(image: RgbImage, severity: Severity, ice: RgbImage): RgbImage {
  const { picture, ice: share } = atSeverity(WEIGHTS, severity);
  const data = image.data.map((value, i) =>
    Math.trunc(Math.min(255, picture * value + share * ice.data[i]!)),
  );
  return { width: image.width, height: image.height, data };
}

/** The pictures of a folder, sorted by name, for `CorruptionOptions.frostTextures`. */
export async function readFrostTextures(folder: string): Promise<RgbImage[]> {
  return Promise.all((await listImages(folder)).map(readImage));
}

/** One of the textures, enlarged if it is too small and by a tenth in any case, cut at a random place. */
export function cutTexture(
  textures: readonly RgbImage[],
  { width, height }: RgbImage,
  random: Random,
): RgbImage {
  if (textures.length === 0) throw new InputError('frostTextures must hold at least one picture');
  const texture = textures[random.int(textures.length)]!;
  const scale = ROOM * Math.max(1, height / texture.height, width / texture.width);
  const size = {
    width: Math.ceil(texture.width * scale),
    height: Math.ceil(texture.height * scale),
  };
  const top = random.int(size.height - height);
  const left = random.int(size.width - width);
  return enlargeCubic(texture, size, { top, left, width, height });
}
