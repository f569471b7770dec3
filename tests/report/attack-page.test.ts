import { describe, expect, it } from 'vitest';
import { renderAttackPage } from '../../src/report/attack-page.js';

const png = Uint8Array.of(1, 2, 3);
const seen = (label: string) => ({ picture: png, drawn: png, top5: [{ label, probability: 0.9 }] });
const page = renderAttackPage({
  title: 'Seen',
  backbone: 'net',
  change: 'a little',
  pictures: [{ name: '<cat>', mapCosine: 0.5, clean: seen('cat'), attacked: seen('dog & cow') }],
  settings: [['Attack', 'pgd']],
  commands: ['npx featinv attack cat.jpg'],
});

describe('renderAttackPage', () => {
  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(page).not.toMatch(/https?:|@import|url\(/i);
  });

  it('shows both pictures, what was seen of them, and both predictions', () => {
    expect(page.match(/<img /g)).toHaveLength(4);
    expect(page).toContain('alt="Reconstruction of &lt;cat&gt;, attacked"');
    expect(page).toContain('dog &amp; cow');
    expect(page).toContain('cosine of the two maps 0.50');
  });
});
