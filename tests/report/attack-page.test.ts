import { describe, expect, it } from 'vitest';
import { renderAttackPage, type AttackPage } from '../../src/report/attack-page.js';

const png = Uint8Array.of(1, 2, 3);
const seen = (label: string, viewed?: string) => ({
  picture: png,
  drawn: png,
  top5: [{ label, probability: 0.9 }],
  viewerTop5: viewed === undefined ? undefined : [{ label: viewed, probability: 0.8 }],
});
const data: AttackPage = {
  title: 'Seen',
  backbone: 'net',
  viewer: undefined,
  change: 'a little',
  pictures: [{ name: '<cat>', mapCosine: 0.5, clean: seen('cat'), attacked: seen('dog & cow') }],
  settings: [['Attack', 'pgd']],
  commands: ['npx featinv attack cat.jpg'],
};
const page = renderAttackPage(data);

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
    expect(page).toContain('drawn from its feature maps');
  });

  it('says whose maps are drawn where another classifier was attacked', () => {
    const pictures = [
      { name: 'cat', mapCosine: 0.9, clean: seen('cat', 'lynx'), attacked: seen('dog', 'puma') },
    ];
    const other = renderAttackPage({ ...data, backbone: 'mine.onnx', viewer: 'net', pictures });
    expect(other).toContain('not drawn from maps of mine.onnx: they show what net,');
    expect(other.match(/what net sees/g)).toHaveLength(2);
    for (const label of ['cat', 'dog', 'lynx', 'puma']) expect(other).toContain(label);
    expect(other).not.toContain('drawn from its feature maps');
  });
});
