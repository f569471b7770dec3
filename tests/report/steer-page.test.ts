import { describe, expect, it } from 'vitest';
import type { SteeredColumn, SteerPage } from '../../src/report/steer-page-data.js';
import { renderSteerPage } from '../../src/report/steer-page.js';

/** Not a picture: the page carries the bytes as they are. */
const png = Uint8Array.of(1, 2, 3);
const activation = [
  [0, 0.5],
  [1, 0.25],
];

const column = (scale: number, share: number | null): SteeredColumn => ({
  scale,
  pictures: [png, png],
  activation: { steered: activation, reconstructions: activation },
  difference: {
    png,
    outline: share === null ? null : { lines: [[0, 0, 3, 4]], side: 64 },
  },
  numbers: {
    activation: {
      original: 1.5,
      steered: 1.5 * scale,
      reconstructions: { mean: 0.7, deviation: 0.1 },
    },
    gain: { reconstructions: { mean: 0.4, deviation: 0.05 } },
    cosine: { mean: 0.9, deviation: 0.01 },
    classes: [
      {
        label: `<i>class</i> ${scale}`,
        predicted: { unsteered: 0.5, steered: 0.125 },
        measured: { unsteered: 0.25, steered: 0.2 },
      },
      { label: 'other', predicted: null, measured: { unsteered: 0.001, steered: 0 } },
    ],
    difference: { meanAbsolute: 3.25, significantShare: share },
  },
});

const data: SteerPage = {
  title: 'Concept 3 in <cat>',
  concept: 'concept 3 ("fur")',
  photograph: { name: 'cat & dog', png, activation, region: [[0, 0, 1, 0]] },
  seeds: [100, 101],
  differenceRange: 41.6,
  scales: [column(-0.5, 0.125), column(1, 0)],
  settings: [['Seeds', '100, 101']],
  commands: ['npx featinv steer cat.jpg --concept 3 > "log"'],
};

/** Layout of the markup is no matter. */
const render = (page: SteerPage): string =>
  renderSteerPage(page).replace(/\s+/g, ' ').replace(/> </g, '><');

const page = render(data);
const count = (text: string, of = page): number => of.split(text).length - 1;

describe('renderSteerPage', () => {
  it('needs nothing but itself: no script, link, import or address', () => {
    expect(page).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(page).not.toMatch(/https?:|@import|url\(/i);
    expect(page).toContain("default-src 'none'; img-src data:");
  });

  it('opens and closes every element once', () => {
    const unclosed = new Set(['meta', 'img', 'path', '!doctype']);
    const open: string[] = [];
    for (const [, slash, name] of page.matchAll(/<(\/?)([a-z!][a-z0-9]*)/gi)) {
      const element = name!.toLowerCase();
      if (unclosed.has(element)) continue;
      if (slash === '') open.push(element);
      else expect(open.pop()).toBe(element);
    }
    expect(open).toEqual([]);
  });

  it('escapes text in content and attributes', () => {
    expect(page).toContain('<h1>Concept 3 in &lt;cat&gt;</h1>');
    expect(page).toContain('<td>&lt;i&gt;class&lt;/i&gt; -0.5</td>');
    expect(page).toContain('Activation of concept 3 (&quot;fur&quot;) in cat &amp; dog');
  });

  it('shows for every scale the seeds’ pictures, the difference and both activations', () => {
    // The photograph, and for each scale two seeds and the difference.
    const images = page.match(/<img [^>]*>/g) ?? [];
    expect(images).toHaveLength(1 + 2 * 3);
    for (const image of images) expect(image).toContain('src="data:image/png;base64,AQID" alt="');
    expect(page).toContain('alt="×−0.5, seed 101"');
    expect(count('<svg class="map"')).toBe(1 + 2 * 2);
    // Region and two outlines.
    expect(count('<svg class="contours"')).toBe(3);
    expect(page).toContain('viewBox="0 0 64 64"');
    expect(page).toContain('full colour at 42 of 255 levels');
  });

  it('gives numbers of every scale and classes of all but ×1', () => {
    expect(page).toContain('<td class="number">0.70 ± 0.10</td>');
    expect(page).toContain('<td class="number">0.40 ± 0.05</td>');
    expect(page).toContain('<td class="number">12.5 %</td>');
    expect(page).toContain('rowspan="2">×−0.5</th>');
    expect(page).not.toContain('rowspan="2">×1</th>');
    expect(count('<td class="number">unknown</td>')).toBe(2);
  });

  it('says that one seed cannot tell, and nothing of a region where there is none', () => {
    const single = render({
      ...data,
      seeds: [100],
      photograph: { ...data.photograph, region: null },
      scales: [column(0, null), column(1, null)],
    });
    expect(single).toContain('One seed shows no variation');
    expect(single).toContain('one seed cannot tell');
    expect(single).toContain('was scaled at every position');
    expect(count('<svg class="contours"', single)).toBe(0);
  });

  it('renders the same bytes for the same data', () => {
    expect(renderSteerPage(data)).toBe(renderSteerPage(data));
  });
});
