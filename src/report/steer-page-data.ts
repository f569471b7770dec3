/** What the page of a steering shows, as plain data. Every list of scales has the same order. */
import type { Line } from './contour-lines.js';
import type { Page } from './page.js';

export interface SteerPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  /** The concept and the picture in words, such as `concept 3 (pca 3)` and `cat`. */
  readonly concept: string;
  readonly photograph: SteeredPhotograph;
  readonly seeds: readonly number[];
  /** Level of difference that is drawn in full colour, of 255. */
  readonly differenceRange: number;
  readonly scales: readonly SteeredColumn[];
}

export interface SteeredPhotograph {
  readonly name: string;
  /** The middle square, as the classifier saw it. */
  readonly png: Uint8Array;
  readonly activation: ActivationGrid;
  /** Border of the region in units of map positions; null where the whole map was steered. */
  readonly region: readonly Line[] | null;
}

/** Activation per position, rows from top to bottom: 1 is the strongest on the page. */
export type ActivationGrid = readonly (readonly number[])[];

export interface SteeredColumn {
  readonly scale: number;
  /** One for each seed. */
  readonly pictures: readonly Uint8Array[];
  readonly activation: {
    readonly steered: ActivationGrid;
    /** Mean over the seeds' reconstructions. */
    readonly reconstructions: ActivationGrid;
  };
  readonly difference: {
    readonly png: Uint8Array;
    /** Around the pixels that change significantly, in pixels; null where one seed cannot tell. */
    readonly outline: { readonly lines: readonly Line[]; readonly side: number } | null;
  };
  readonly numbers: SteeredNumbers;
}

/** See `summariseSteering`, which makes them. */
export interface SteeredNumbers {
  readonly activation: {
    readonly original: number;
    readonly steered: number;
    readonly reconstructions: NumberOverSeeds;
  };
  readonly gain: { readonly reconstructions: NumberOverSeeds } | null;
  readonly cosine: NumberOverSeeds;
  readonly classes: readonly {
    readonly label: string;
    readonly predicted: SteeredProbability | null;
    readonly measured: SteeredProbability;
  }[];
  readonly difference: {
    readonly meanAbsolute: number;
    readonly significantShare: number | null;
  };
}

export interface NumberOverSeeds {
  readonly mean: number;
  readonly deviation: number | null;
}

export interface SteeredProbability {
  readonly unsteered: number;
  readonly steered: number;
}
