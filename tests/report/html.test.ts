import { describe, expect, it } from 'vitest';
import { cosineColour } from '../../src/report/heat-map.js';
import { escapeHtml, html } from '../../src/report/html.js';
import { pageStyle } from '../../src/report/page-style.js';

describe('html', () => {
  it('escapes text and keeps nested markup', () => {
    const inner = html`<b>${'a<b'}</b>`;
    expect(html`<p>${inner}${[1, ' & ', inner]}${undefined}</p>`.markup).toBe(
      '<p><b>a&lt;b</b>1 &amp; <b>a&lt;b</b></p>',
    );
  });

  it('escapes everything that matters in attributes', () => {
    expect(escapeHtml(`<a href="x" id='y'>&`)).toBe(
      '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;',
    );
  });
});

/** Relative luminance of WCAG 2. */
function luminance(colour: readonly number[]): number {
  const [r, g, b] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

const contrast = (first: readonly number[], second: readonly number[]): number => {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
};

describe('cosineColour', () => {
  const parse = (colour: string): number[] => colour.match(/\d+/g)!.map(Number);

  it('grows lighter all the way and holds its ends', () => {
    const scale = Array.from({ length: 21 }, (_, i) => luminance(parse(cosineColour(i / 20))));
    expect(scale.slice(1).every((value, i) => value > scale[i]!)).toBe(true);
    expect(cosineColour(-0.5)).toBe(cosineColour(0));
    expect(cosineColour(1.5)).toBe(cosineColour(1));
  });
});

describe('page style', () => {
  it('gives text a contrast of at least 4.5 in both colour schemes', () => {
    const [light, dark] = [...pageStyle.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body!);
    for (const scheme of [light!, dark!]) {
      const colours = new Map(
        [...scheme.matchAll(/--(\w+): #(\w{6})/g)].map(([, name, digits]) => [
          name!,
          digits!.match(/../g)!.map((pair) => Number.parseInt(pair, 16)),
        ]),
      );
      for (const text of ['ink', 'quiet', 'accent']) {
        for (const ground of ['paper', 'raised']) {
          expect(contrast(colours.get(text)!, colours.get(ground)!)).toBeGreaterThan(4.5);
        }
      }
    }
  });
});
