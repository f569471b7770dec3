/** An 8-bit picture: rows from top to bottom, RGB interleaved, sRGB. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** width · height · 3 values. */
  readonly data: Uint8Array;
}
