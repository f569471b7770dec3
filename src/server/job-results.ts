/** What jobs give, by their kinds. Types alone: the page takes them from `api.ts`. */

export interface Prediction {
  readonly index: number;
  readonly label: string;
  /** 0 to 1. */
  readonly probability: number;
}

export type JobResult = LookResult | SteerResult | MixResult | ConceptsResult;

export interface LookResult {
  readonly kind: 'look';
  /** The middle square that the classifier was shown. */
  readonly original: string;
  readonly top5: readonly Prediction[];
  readonly outputs: readonly LookOutput[];
  readonly seconds: number;
}

export interface LookOutput {
  readonly seed: number;
  readonly image: string;
  /** Over positions. */
  readonly cosine: { readonly mean: number; readonly median: number };
  /** Rows of positions: cosine over channels of the original's map to that of the picture. */
  readonly cosineMap: readonly (readonly number[])[];
  readonly top5: readonly Prediction[];
  /** Whether the original's first class is among them. */
  readonly top5Match: boolean | null;
}

export interface SteerResult {
  readonly kind: 'steer';
  readonly original: string;
  /** Of the concept. */
  readonly name: string;
  /** Rows of positions: the concept's activation in the picture's own map. */
  readonly activation: readonly (readonly number[])[];
  /** Before and after from the same noise. */
  readonly outputs: readonly {
    readonly seed: number;
    readonly before: string;
    readonly after: string;
  }[];
  /** Mean over seeds of after minus before: grey where nothing changes. */
  readonly difference: {
    readonly image: string;
    /** 8-bit levels that are drawn in full colour. */
    readonly range: number;
    /** In 8-bit levels. */
    readonly meanAbsolute: number;
    /** Share of pixels that change more than the noise explains; null with one sample. */
    readonly significantShare: number | null;
  };
  /** Mean activation over positions (of the region). */
  readonly strength: {
    readonly original: number;
    readonly steered: number;
    /** In the maps of the drawn pictures. */
    readonly before: number;
    readonly after: number;
  };
  /** Classes that change most, the greatest change first. */
  readonly classes: readonly ClassChange[];
  readonly seconds: number;
}

export interface ClassChange {
  readonly index: number;
  readonly label: string;
  /** By the rest of the classifier on the steered map; null for an .onnx classifier that cannot be traced. */
  readonly predicted: { readonly before: number; readonly after: number } | null;
  /** In the drawn pictures, mean over seeds. */
  readonly measured: { readonly before: number; readonly after: number };
}

export interface MixResult {
  readonly kind: 'mix';
  /** The two pictures as the classifier was shown them. */
  readonly parents: readonly {
    readonly image: string;
    readonly top5: readonly Prediction[];
  }[];
  /** What the rest of the classifier makes of the composed map; null for an .onnx classifier that cannot be traced. */
  readonly predicted: readonly Prediction[] | null;
  readonly outputs: readonly {
    readonly seed: number;
    readonly image: string;
    /** Mean cosines per position of the picture's own map. */
    readonly cosine: { readonly composed: number; readonly parents: readonly number[] };
    readonly top5: readonly Prediction[];
  }[];
  readonly seconds: number;
}

export interface ConceptsResult {
  readonly kind: 'concepts';
  /** What `SteerRequest.concepts` takes. */
  readonly name: string;
  readonly seconds: number;
}
