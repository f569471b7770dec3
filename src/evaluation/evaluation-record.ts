/** What an evaluation keeps of one image: enough to summarise any set of them later. */
export interface EvaluationRecord {
  /** Place in the whole image set, from 0. */
  readonly index: number;
  readonly name: string;
  /** Cosine per position of the original's map and the reconstruction's, [H, W]. */
  readonly cosines: Float64Array;
  /** Mean cosine with the map of another, random image. */
  readonly floor: number;
  /** Mean cosine with the map of the autoencoder's round trip. */
  readonly ceiling: number;
  readonly top1Match: boolean;
  readonly top5Match: boolean;
  /** Pixels of original and reconstruction: structural similarity, and squared error of bytes. */
  readonly ssim: number;
  readonly mse: number;
  /** Pooled features, [C], for the Fréchet distance. */
  readonly pooled: { readonly original: Float32Array; readonly reconstruction: Float32Array };
}
