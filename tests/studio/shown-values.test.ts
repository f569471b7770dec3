import { describe, expect, it } from 'vitest';
import { cosineColour } from '../../src/report/heat-map.js';
import {
  formatChange,
  formatMegabytes,
  formatShare,
  pictureTitle,
  shortLabel,
} from '../../studio/src/state/format.js';
import { heatColour } from '../../studio/src/state/heat-colour.js';

describe('values on the page', () => {
  it('are short', () => {
    expect([0, 0.004, 0.125, 1].map(formatShare)).toEqual(['0 %', '<1 %', '13 %', '100 %']);
    expect([0.004, 0.125, -0.5].map(formatChange)).toEqual(['±0', '+13', '−50']);
    expect([0.96, 9.56, 354.37, 1234].map(formatMegabytes)).toEqual([
      ...['1.0 MB', '9.6 MB', '354 MB', '1.2 GB'],
    ]);
    expect(shortLabel('jersey, T-shirt, tee shirt')).toBe('jersey');
    expect(pictureTitle('red-panda.jpg')).toBe('red panda');
  });

  it('have the colours that they have in the reports', () => {
    for (const value of [-1, 0, 0.1, 0.37, 0.5, 0.99, 1, 2]) {
      expect(heatColour(value)).toBe(cosineColour(value));
    }
  });
});
