/** Cards that show what each concept of a fitted model stands for. */
import { basename } from 'node:path';
import { isTraceable } from '../backbones/index.js';
import { contourSegments, type Segment } from '../images/contours.js';
import { readImage } from '../images/read-image.js';
import { centreSquare, resizeBox } from '../images/resize.js';
import type { RgbImage } from '../images/rgb-image.js';
import type { FeatureMap, Inverter } from '../inversion/inverter.js';
import type { SamplingDefaults } from '../inversion/inverter-config.js';
import type { SessionOptions } from '../runtime/session.js';
import { energyShares, strongestPeaks, surveyActivations, type Peak } from './activation-survey.js';
import { checkFits } from './check-fits.js';
import { conceptActivationMap, meanActivation } from './concept-activation-map.js';
import type { FittedConcepts } from './concept-files.js';
import { component, encode } from './concept-model.js';
import { gradientRelevance, LogitGradient } from './measures/gradient-relevance.js';
import { steerMap } from './steer-map.js';
import { mapOfVectors, vectorsOfMap } from './vectors.js';

export interface ConceptCard {
  /** Number of the concept, from 0. */
  readonly concept: number;
  readonly name: string;
  /** Atoms of the dictionary that it has. */
  readonly dimensions: number;
  /** Its share of all concepts' squared activation over the pictures. */
  readonly energyShare: number;
  /**
   * What the concept adds to the logit of the strongest picture's first class: exact at the layer that the
   * head pools, to first order at others; null for an untraceable .onnx classifier or a concept that is nowhere active.
   */
  readonly relevance: { readonly label: string; readonly logit: number } | null;
  /** Strongest first, one of each picture. */
  readonly patches: readonly CardPatch[];
  readonly overlays: readonly CardOverlay[];
  /** Reconstructions of maps of the strongest picture; null where the concept is nowhere active. */
  readonly drawings: Readonly<Record<DrawnMap, CardDrawing>> | null;
}

/** The strongest picture's map, the concept's part of it alone, and the map without that part. */
export const DRAWN_MAPS = ['whole', 'alone', 'removed'] as const;
export type DrawnMap = (typeof DRAWN_MAPS)[number];

export interface CardDrawing {
  /** From the noise of the first seed. */
  readonly image: RgbImage;
  /** The concept's mean activation in the drawn pictures' own maps, mean over seeds. */
  readonly activation: number;
}

export interface CardPatch {
  readonly file: string;
  readonly image: RgbImage;
  /** Length of the concept's part at the patch's position. */
  readonly activation: number;
}

export interface CardOverlay {
  readonly file: string;
  readonly image: RgbImage;
  /** Lines where the concept reaches half of its strongest activation, in units of map positions. */
  readonly lines: readonly Segment[];
}

export interface CardOptions {
  readonly sampling?: Partial<SamplingDefaults>;
  readonly seed: number;
  readonly session?: SessionOptions;
  /** Reconstructions of each map, from the noise of seed, seed + 1, …; the first is shown. Default 4. */
  readonly seeds?: number | undefined;
  /** Patches of each card. Default 6. */
  readonly patches?: number;
  readonly onProgress?: (stage: 'look' | 'draw', done: number, total: number) => void;
}

/** Side of the patches and of the pictures under contours, in pixels. */
const PATCH_SIDE = 96;
const OVERLAY_SIDE = 224;
/** Side of a patch as a share of the square that the classifier saw. */
const PATCH_SHARE = 0.3;
const OVERLAYS = 3;

/** One card for each concept, the most energetic first, from the middle squares of picture files. */
export async function conceptCards(
  inverter: Inverter,
  fitted: FittedConcepts,
  files: readonly string[],
  options: CardOptions,
): Promise<ConceptCard[]> {
  checkFits(inverter, fitted);
  const { model, mapShape } = fitted;
  const { patches = 6, onProgress } = options;
  const pictures = await surveyActivations(inverter, model, files, (done) =>
    onProgress?.('look', done, files.length),
  );
  const shares = energyShares(pictures, model.concepts.length);
  const order = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]! || a - b);
  const logits = isTraceable(inverter.backbone)
    ? await LogitGradient.open(inverter.backbone, fitted.layer, mapShape, options.session)
    : null;
  const cards: ConceptCard[] = [];
  for (const concept of order) {
    const { name, start, end } = model.concepts[concept]!;
    const peaks = strongestPeaks(pictures, concept, patches);
    const strongest = peaks[0] && (await inverter.features(peaks[0].picture.file));
    cards.push({
      concept,
      name,
      dimensions: end - start,
      energyShare: shares[concept]!,
      relevance: strongest && logits ? await relevanceOf(strongest, concept, logits) : null,
      patches: await Promise.all(peaks.map((peak) => patchAt(peak, mapShape))),
      overlays: await Promise.all(
        peaks.slice(0, OVERLAYS).map((peak) => overlayOf(peak, concept, peaks[0]!.value, mapShape)),
      ),
      drawings: strongest ? await draw(strongest, concept) : null,
    });
    onProgress?.('draw', cards.length, order.length);
  }
  await logits?.dispose();
  return cards;

  async function relevanceOf(
    map: FeatureMap,
    concept: number,
    head: LogitGradient,
  ): Promise<ConceptCard['relevance']> {
    const { classIndex, gradient } = await head.at(map);
    const parts = gradientRelevance(model, map, gradient).concepts[concept]!;
    const logit = parts.reduce((sum, part) => sum + part, 0);
    return { label: inverter.backbone.labels[classIndex]!, logit };
  }

  async function draw(map: FeatureMap, concept: number): Promise<ConceptCard['drawings']> {
    return {
      whole: await drawMap(map, concept),
      alone: await drawMap(partOf(fitted, map, concept), concept),
      removed: await drawMap(steerMap(model, map, { concept, scale: 0 }), concept),
    };
  }

  async function drawMap(map: FeatureMap, concept: number): Promise<CardDrawing> {
    const { seed, seeds = 4, sampling } = options;
    const made = await inverter.reconstruct(map, { ...sampling, seed, samples: seeds });
    let sum = 0;
    for (const { image } of made) {
      const seen = await inverter.features(image);
      sum += meanActivation(conceptActivationMap(model, seen, concept), null);
    }
    return { image: made[0]!.image, activation: sum / made.length };
  }
}

/** The map that holds nothing but the offset and one concept's part. */
function partOf({ model }: FittedConcepts, map: FeatureMap, concept: number): FeatureMap {
  const part = component(model, encode(model, vectorsOfMap(map)), concept);
  for (let i = 0; i < part.data.length; i++) part.data[i]! += model.offset[i % part.width]!;
  return mapOfVectors(part, map.shape);
}

/** The part of a picture around a concept's strongest position. */
export async function patchAt(
  peak: Peak,
  [, height, width]: FeatureMap['shape'],
): Promise<CardPatch> {
  const { file } = peak.picture;
  const image = await readImage(file);
  const square = Math.min(image.width, image.height);
  const side = square * PATCH_SHARE;
  const place = (share: number, length: number): number => {
    const from = (length - square) / 2 + share * square - side / 2;
    return Math.min(Math.max(from, (length - square) / 2), (length + square) / 2 - side);
  };
  const box = {
    left: place(((peak.position % width) + 0.5) / width, image.width),
    top: place((Math.floor(peak.position / width) + 0.5) / height, image.height),
    width: side,
    height: side,
  };
  const patch = resizeBox(image, box, PATCH_SIDE, PATCH_SIDE);
  return { file, image: patch, activation: peak.value };
}

async function overlayOf(
  { picture: { file, activations } }: Peak,
  concept: number,
  strongest: number,
  [, height, width]: FeatureMap['shape'],
): Promise<CardOverlay> {
  const image = centreSquare(await readImage(file), OVERLAY_SIDE);
  const lines = contourSegments(activations[concept]!, width, height, strongest / 2);
  return { file, image, lines };
}

/** Name of a picture without folder and ending. */
export const pictureName = (file: string): string => basename(file).replace(/\.[^.]+$/, '');
