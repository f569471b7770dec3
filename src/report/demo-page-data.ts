/** What the demo page shows, as plain data: the renderer computes nothing but means and counts. */

export interface DemoPage {
  readonly title: string;
  /** The classifier whose maps are inverted, as a reader knows it: "EfficientNet-Lite0". */
  readonly backbone: string;
  /** Leading model first. */
  readonly models: readonly DemoModel[];
  readonly photographs: readonly DemoPhotograph[];
  /** Name and value, in order: seed, versions, machine, time. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Shell commands that make this page again. */
  readonly commands: readonly string[];
}

export interface DemoModel {
  readonly id: string;
  /** Short, shown beside every picture: "14×14 unpooled". */
  readonly label: string;
  /** One sentence: what the model reads and what to expect of it. */
  readonly summary: string;
  /** [C, H, W] of the map that it reads. */
  readonly mapShape: readonly [channels: number, height: number, width: number];
  /** Whether the map was averaged over positions before the model read it. */
  readonly pooled: boolean;
  /** How it was sampled: "DDIM, 20 steps, joint guidance 2". */
  readonly sampling: string;
  /** From an evaluation on held-out photographs, if there is one. */
  readonly evaluation?: DemoEvaluation;
}

/** Mean cosines over an evaluation's images. */
export interface DemoEvaluation {
  readonly images: number;
  readonly cosine: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly gapClosed: { readonly value: number; readonly low: number; readonly high: number };
}

export interface DemoPhotograph {
  readonly name: string;
  /** The crop that the classifier saw, encoded as PNG. */
  readonly original: Uint8Array;
  /** The classifier's first classes, likeliest first. */
  readonly top5: readonly ClassProbability[];
  /** One per model, in the order of the page's models. */
  readonly reconstructions: readonly DemoReconstruction[];
}

export interface DemoReconstruction {
  /** `id` of the model. */
  readonly model: string;
  /** One or more, from different seeds. The numbers beside them belong to the first. */
  readonly samples: readonly { readonly png: Uint8Array; readonly seed: number }[];
  /** Cosine per position, rows from top to bottom. */
  readonly cosineMap: readonly (readonly number[])[];
  readonly cosine: { readonly mean: number; readonly median: number };
  readonly top5: readonly ClassProbability[];
  /** Whether the original's first class is among the reconstruction's first five. */
  readonly top5Match: boolean;
  /** Time for one sample. */
  readonly seconds: number;
}

export interface ClassProbability {
  readonly label: string;
  /** From 0 to 1. */
  readonly probability: number;
}
