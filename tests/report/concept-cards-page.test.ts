import { describe, expect, it } from 'vitest';
import { renderConceptCards } from '../../src/report/concept-cards-page.js';

const png = Uint8Array.of(1, 2, 3);
const page = renderConceptCards({
  title: 'Concepts',
  lead: 'What there is.',
  cards: [
    {
      name: '0 · <sky>',
      facts: [['Energy', '12 %']],
      patches: [{ png, from: 'a & b' }],
      overlays: [{ png, from: 'a', lines: [[0, 1, 2, 1]], grid: { width: 2, height: 2 } }],
      drawings: [{ png, caption: 'alone' }],
    },
  ],
  settings: [['Vectors', '10']],
  commands: ['npx featinv concepts show out'],
});

describe('renderConceptCards', () => {
  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(page).not.toMatch(/https?:|@import|url\(/i);
  });

  it('shows patches, contours and drawings with descriptions', () => {
    expect(page.match(/<img /g)).toHaveLength(3);
    expect(page).toContain('alt="Patch of a &amp; b with 0 · &lt;sky&gt;"');
    expect(page).toContain('d="M0 1L2 1"');
    expect(page).toContain('12 %');
  });
});
