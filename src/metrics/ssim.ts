import { InputError } from '../errors.js';

/** A picture of interleaved RGB bytes, row by row. */
export interface RgbPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const radius = 5;
const kernel = gaussianKernel(1.5, radius);
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/**
 * Structural similarity of two pictures (Wang et al., 2004): an 11x11 Gaussian window of deviation
 * 1.5 over every place where it fits, mean over places and the three channels. 1 for equal pictures.
 */
export function ssim(first: RgbPixels, second: RgbPixels): number {
  const { width, height } = first;
  if (second.width !== width || second.height !== height) {
    throw new InputError(
      `SSIM: pictures of ${width}x${height} and ${second.width}x${second.height}; give two of one size`,
    );
  }
  if (Math.min(width, height) < 2 * radius + 1) {
    throw new InputError(`SSIM: a ${width}x${height} picture; both sides must be at least 11`);
  }
  const channels = [0, 1, 2].map((channel) =>
    channelSsim(plane(first, channel), plane(second, channel), width, height),
  );
  return channels.reduce((sum, value) => sum + value, 0) / 3;
}

function channelSsim(x: Float64Array, y: Float64Array, width: number, height: number): number {
  const blur = (values: Float64Array): Float64Array => blurValid(values, width, height);
  const meanX = blur(x);
  const meanY = blur(y);
  const squareX = blur(x.map((value) => value * value));
  const squareY = blur(y.map((value) => value * value));
  const product = blur(x.map((value, i) => value * y[i]!));
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const mx = meanX[i]!;
    const my = meanY[i]!;
    const variances = squareX[i]! - mx * mx + (squareY[i]! - my * my);
    const covariance = product[i]! - mx * my;
    const luminance = (2 * mx * my + c1) / (mx * mx + my * my + c1);
    sum += (luminance * (2 * covariance + c2)) / (variances + c2);
  }
  return sum / meanX.length;
}

/** One channel of a picture as numbers from 0 to 255. */
function plane({ width, height, data }: RgbPixels, channel: number): Float64Array {
  return Float64Array.from({ length: width * height }, (_, i) => data[3 * i + channel]!);
}

/** Separable Gaussian blur, only where the whole window lies inside. */
function blurValid(values: Float64Array, width: number, height: number): Float64Array {
  const narrow = width - 2 * radius;
  const low = height - 2 * radius;
  const rows = new Float64Array(narrow * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < narrow; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * values[y * width + x + k]!;
      rows[y * narrow + x] = sum;
    }
  }
  const blurred = new Float64Array(narrow * low);
  for (let y = 0; y < low; y++) {
    for (let x = 0; x < narrow; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * rows[(y + k) * narrow + x]!;
      blurred[y * narrow + x] = sum;
    }
  }
  return blurred;
}

function gaussianKernel(deviation: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
