import { describe, expect, it } from 'vitest';
import {
  energyShares,
  strongestPeaks,
  type SurveyedPicture,
} from '../../src/concepts/activation-survey.js';

const picture = (file: string, ...activations: number[][]): SurveyedPicture => ({
  file,
  activations: activations.map((values) => Float32Array.from(values)),
});

const pictures = [
  picture('a', [1, 4, 2], [0, 0, 0]),
  picture('b', [3, 0, 0], [0, 0, 2]),
  picture('c', [0, 5, 5], [0, 0, 0]),
];

describe('strongestPeaks', () => {
  it('finds one position of each picture, the strongest picture first', () => {
    const peaks = strongestPeaks(pictures, 0, 2);
    expect(peaks.map(({ picture, position, value }) => [picture.file, position, value])).toEqual([
      ['c', 1, 5],
      ['a', 1, 4],
    ]);
  });

  it('leaves out pictures in which the concept is nowhere active', () => {
    expect(strongestPeaks(pictures, 1, 3).map(({ picture }) => picture.file)).toEqual(['b']);
  });
});

describe('energyShares', () => {
  it('divides the squared activations of all positions among the concepts', () => {
    const first = 1 + 16 + 4 + 9 + 25 + 25;
    expect(energyShares(pictures, 2)).toEqual([first / (first + 4), 4 / (first + 4)]);
  });

  it('gives nothing to anyone where nothing is active', () => {
    expect(energyShares([picture('a', [0], [0])], 2)).toEqual([0, 0]);
  });
});
