import { describe, expect, it } from 'vitest';
import { renderMixPage } from '../../src/report/mix-page.js';

const png = Uint8Array.of(1, 2, 3);
const page = renderMixPage({
  title: 'a and b',
  operation: '(1 − α) A + α B',
  parents: [
    { name: '<a>', png },
    { name: 'b', png },
  ],
  alphas: [0, 0.30000000000000004, 1],
  rows: [{ seed: 7, pngs: [png, png, png] }],
  cosines: [{ name: 'to <a>', values: [1, 0.5, 0] }],
  predicted: [],
  measured: [{ name: 'cat', values: [0.9, 0.5, 0.1] }],
  settings: [['Operation', 'lerp']],
  commands: ['npx featinv mix a b'],
});

describe('renderMixPage', () => {
  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(page).not.toMatch(/https?:|@import|url\(/i);
  });

  it('shows the photographs, a picture for each weight, and the charts that there are values for', () => {
    expect(page.match(/<img /g)).toHaveLength(2 + 3);
    expect(page).toContain('alt="Photograph: &lt;a&gt;"');
    expect(page).toContain('alt="α 0.3, seed 7"');
    expect(page).toContain('Classes seen in the picture');
    expect(page).not.toContain('Classes predicted from the map');
  });
});
