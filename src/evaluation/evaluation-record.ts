/** Mean cosines over positions of an original's map with three others'. */
export interface ImageCosines {
  /** With the reconstruction's map. */
  readonly cosine: number;
  /** With the map of another, random image. */
  readonly floor: number;
  /** With the map of the autoencoder's round trip. */
  readonly ceiling: number;
}

/** Features of both pictures, [D] each, for a Fréchet distance. */
export interface FeaturePair {
  readonly original: Float32Array;
  readonly reconstruction: Float32Array;
}

/** What altering a picture (corrupting or attacking it) did to what the classifier sees. */
export interface AlterationRecord {
  /** First class of the picture before it was altered. */
  readonly cleanTop1: number;
  /** Mean cosine of the map before with the map after the alteration. */
  readonly mapCosine: number;
  /** Mean cosine of the map before with the reconstruction's, which is drawn from the map after. */
  readonly cosineWithClean: number;
  /** Whether the class before is among the reconstruction's first five. */
  readonly top5MatchClean: boolean;
}

/** What an evaluation keeps of one image: enough to summarise any set of them later. */
export interface EvaluationRecord {
  /** Place in the whole image set, from 0. */
  readonly index: number;
  readonly name: string;
  /** Cosine per position of the original's map and the reconstruction's, [H · W]. */
  readonly cosines: Float32Array;
  readonly floor: number;
  readonly ceiling: number;
  /** First classes. */
  readonly top1: { readonly original: number; readonly reconstruction: number };
  readonly top1Match: boolean;
  readonly top5Match: boolean;
  /** Pixels of original and reconstruction: structural similarity, and squared error of bytes. */
  readonly ssim: number;
  readonly mse: number;
  /** In the eyes of each judge, in the judges' order. */
  readonly transfer: readonly ImageCosines[];
  /** Only where the pictures were altered. */
  readonly alteration?: AlterationRecord | undefined;
  /** Mean over positions of the classifier's last map. */
  readonly pooled: FeaturePair;
  /** Inception's pool3 features; only where its weights are known. */
  readonly inception?: FeaturePair | undefined;
}
