/** How strongly every concept is active at every position of many pictures. */
import type { Inverter } from '../inversion/inverter.js';
import { activation, encode, type ConceptModel } from './concept-model.js';
import { vectorsOfMap } from './vectors.js';

/** One picture: its file and, per concept, the length of its part at each position, [H · W]. */
export interface SurveyedPicture {
  readonly file: string;
  readonly activations: readonly Float32Array[];
}

/** Where a concept is strongest in a picture. */
export interface Peak {
  readonly picture: SurveyedPicture;
  /** Index of the position, row by row. */
  readonly position: number;
  readonly value: number;
}

/** Looks at the middle square of each picture file. */
export async function surveyActivations(
  inverter: Inverter,
  model: ConceptModel,
  files: readonly string[],
  onProgress?: (done: number) => void,
): Promise<SurveyedPicture[]> {
  const pictures: SurveyedPicture[] = [];
  for (const file of files) {
    const codes = encode(model, vectorsOfMap(await inverter.features(file)));
    pictures.push({ file, activations: model.concepts.map((_, k) => activation(model, codes, k)) });
    onProgress?.(pictures.length);
  }
  return pictures;
}

/** The strongest position of each of the `count` pictures in which concept `index` is strongest. */
export function strongestPeaks(
  pictures: readonly SurveyedPicture[],
  index: number,
  count: number,
): Peak[] {
  return pictures
    .map((picture): Peak => {
      const values = picture.activations[index]!;
      const position = values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
      return { picture, position, value: values[position]! };
    })
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, count);
}

/** Share of all concepts' squared activation that belongs to each of them; the shares sum to 1. */
export function energyShares(pictures: readonly SurveyedPicture[], concepts: number): number[] {
  const energies = new Array<number>(concepts).fill(0);
  for (const { activations } of pictures) {
    activations.forEach((values, k) => {
      for (const value of values) energies[k]! += value * value;
    });
  }
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  return energies.map((energy) => (total === 0 ? 0 : energy / total));
}
