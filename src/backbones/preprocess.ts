import { add, constant, mul, resizeBilinear, type Tensor } from '../graph/index.js';
import { resizeBox, resizeLikePillow } from '../images/resize.js';
import type { RgbImage } from '../images/rgb-image.js';
import type { Preprocessing } from './backbone.js';

/**
 * A photograph as a backbone's input: the middle `crop` of the short side, resampled with
 * antialiasing and normalised. Returns [3, size, size].
 */
export function preprocessPhotograph(image: RgbImage, preprocessing: Preprocessing): Float32Array {
  return normalisePixels(cropPhotograph(image, preprocessing), preprocessing);
}

/** The square of a photograph that a backbone sees, [size, size] pixels. */
export function cropPhotograph(image: RgbImage, preprocessing: Preprocessing): RgbImage {
  const { size, crop, filter, geometry } = preprocessing;
  if (geometry === 'torchvision') return resizeThenCut(image, preprocessing);
  const side = Math.min(image.width, image.height) * crop;
  const box = {
    left: (image.width - side) / 2,
    top: (image.height - side) / 2,
    width: side,
    height: side,
  };
  return resizeBox(image, box, size, size, filter);
}

/** Resize and CenterCrop of torchvision, whose sizes and edges are whole pixels. */
function resizeThenCut(image: RgbImage, { size, crop, filter }: Preprocessing): RgbImage {
  const short = Math.floor(size / crop);
  const least = Math.min(image.width, image.height);
  const scaled = (side: number): number => Math.trunc((short * side) / least);
  const [width, height] = [scaled(image.width), scaled(image.height)];
  const resized = resizeLikePillow(image, width, height, filter);
  const box = {
    left: halfToEven((width - size) / 2),
    top: halfToEven((height - size) / 2),
    width: size,
    height: size,
  };
  // Without scaling the filters copy pixels.
  return resizeBox(resized, box, size, size, filter);
}

/** Python's rounding: halves go to the even neighbour. */
function halfToEven(value: number): number {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

/** What the authors of FeatInv do instead of a backbone's own: Resize(size), bilinear, and CenterCrop(size). */
export function authorsPreprocessing(preprocessing: Preprocessing): Preprocessing {
  return { ...preprocessing, crop: 1, filter: 'bilinear', geometry: 'torchvision' };
}

/** Pixels 0..255, interleaved, to normalised planes [3, height, width]. */
export function normalisePixels(
  { data, width, height }: RgbImage,
  { mean, std }: Pick<Preprocessing, 'mean' | 'std'>,
): Float32Array {
  const positions = width * height;
  const out = new Float32Array(3 * positions);
  mean.forEach((centre, c) => {
    for (let i = 0; i < positions; i++) {
      out[c * positions + i] = (data[i * 3 + c]! / 255 - centre) / std[c]!;
    }
  });
  return out;
}

/**
 * Traced images [N, 3, height, width] in [-1, 1] as a backbone's input [N, 3, size, size]: a bilinear
 * resize without antialiasing, then normalisation. Differentiable.
 */
export function traceInput(images: Tensor, { size, mean, std }: Preprocessing): Tensor {
  const resized = resizeBilinear(images, size, size);
  // ((x + 1) / 2 - mean) / std = x · 0.5 / std + (0.5 - mean) / std
  const scale = constant(
    std.map((deviation) => 0.5 / deviation),
    [1, 3, 1, 1],
  );
  const shift = constant(
    mean.map((centre, c) => (0.5 - centre) / std[c]!),
    [1, 3, 1, 1],
  );
  return add(mul(resized, scale), shift);
}
