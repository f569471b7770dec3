/** All measures of one fit, over the pictures that it saw. */
import { encode, type ConceptModel } from '../concept-model.js';
import { completenessCurves, sufficientConcepts } from './completeness.js';
import { explainedByConcept } from './explained.js';
import { globalRelevances } from './global-relevance.js';
import {
  pictureRelevances,
  type LookOptions,
  type MapsOfPictures,
  type PictureRelevances,
  type UnknownRelevance,
} from './picture-relevances.js';
import { classVector, sumOf } from './relevance.js';
import { sparsity, type Sparsity } from './sparsity.js';

export interface MeasuredConcept {
  readonly name: string;
  /** Atoms that it has. */
  readonly dimensions: number;
  /** Share of the squared lengths of all concepts' parts. */
  readonly energyShare: number;
  /** R² of the concepts up to this one. */
  readonly rSquared: number;
  /** What it adds to the logit of a picture's first class, mean over pictures; null: unknown. */
  readonly relevance: number | null;
  /** Length of its part of the unit class vector, mean over pictures; null where there is none. */
  readonly globalRelevance: number | null;
  /** Completeness of the concepts up to this one, mean over pictures; null likewise. */
  readonly completeness: number | null;
}

export interface MeasuredRelevance {
  /** `exact` at the layer before a pool→linear head, elsewhere gradient × part. */
  readonly kind: 'exact' | 'first-order';
  /** How many pictures were looked at. */
  readonly pictures: number;
  /** Means over pictures, in units of the logit. */
  readonly logit: number;
  readonly offset: number;
  readonly rest: number;
  /** Largest |sum − (logit − bias)| / |logit| of a picture; null where relevance is first-order. */
  readonly largestGap: number | null;
}

export interface MeasuredCompleteness {
  /** Of all concepts. */
  readonly whole: number;
  /** How many of the first concepts reach 0.5; null where all of them do not. */
  readonly sufficient: number | null;
}

export interface ConceptMeasures {
  readonly rSquared: number;
  /** Squared lengths of all parts over that of their sum; more than 1 where they cancel each other. */
  readonly overlap: number;
  readonly sparsity: Sparsity;
  readonly relevance: MeasuredRelevance | UnknownRelevance;
  /** Null at layers that are not multiplied with class vectors. */
  readonly completeness: MeasuredCompleteness | null;
  readonly concepts: readonly MeasuredConcept[];
}

/** Measures on all vectors; relevance on `pictures` of the pictures. */
export async function measureConcepts(
  model: ConceptModel,
  maps: MapsOfPictures,
  options: LookOptions,
): Promise<ConceptMeasures> {
  const codes = encode(model, maps.vectors);
  const explained = explainedByConcept(model, maps.vectors, codes);
  const looked = await pictureRelevances(model, maps, options);
  const ofClasses = 'reason' in looked ? undefined : classMeasures(model, looked);
  return {
    rSquared: explained.rSquared.at(-1)!,
    overlap: explained.overlap,
    sparsity: sparsity(codes),
    relevance: 'reason' in looked ? looked : summarise(looked),
    completeness: ofClasses
      ? {
          whole: ofClasses.completeness.at(-1)!,
          sufficient: sufficientConcepts(ofClasses.completeness),
        }
      : null,
    concepts: model.concepts.map(({ name, start, end }, k) => ({
      name,
      dimensions: end - start,
      energyShare: explained.energyShare[k]!,
      rSquared: explained.rSquared[k]!,
      relevance:
        'reason' in looked
          ? null
          : mean(looked.pictures, (picture) => sumOf(picture.relevance.concepts[k]!)),
      globalRelevance: ofClasses?.global[k] ?? null,
      completeness: ofClasses?.completeness[k] ?? null,
    })),
  };
}

function summarise({ head, pictures }: PictureRelevances): MeasuredRelevance {
  return {
    kind: head ? 'exact' : 'first-order',
    pictures: pictures.length,
    logit: mean(pictures, ({ logit }) => logit),
    offset: mean(pictures, (picture) => sumOf(picture.relevance.offset)),
    rest: mean(pictures, (picture) => sumOf(picture.relevance.rest)),
    largestGap: head
      ? Math.max(
          ...pictures.map(({ classIndex, logit, relevance: { total } }) =>
            Math.abs((total - (logit - head.bias[classIndex]!)) / logit),
          ),
        )
      : null,
  };
}

/** What depends on the pictures' first classes only, mean over pictures. */
function classMeasures(
  model: ConceptModel,
  { head, pictures }: PictureRelevances,
): { global: number[]; completeness: number[] } | undefined {
  if (head === undefined) return undefined;
  const classes = [...new Set(pictures.map(({ classIndex }) => classIndex))];
  const rows = classes.map((classIndex) => classVector(head, classIndex));
  const global = globalRelevances(model, rows);
  const curves = completenessCurves(model, rows);
  const ofPicture = pictures.map(({ classIndex }) => classes.indexOf(classIndex));
  return {
    global: model.concepts.map((_, k) => mean(ofPicture, (i) => global[i]!.concepts[k]!)),
    completeness: model.concepts.map((_, k) => mean(ofPicture, (i) => curves[i]![k]!)),
  };
}

const mean = <Item>(items: readonly Item[], valueOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + valueOf(item), 0) / items.length;
