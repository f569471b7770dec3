import { describe, expect, it } from 'vitest';
import type { DemoPage } from '../../src/report/demo-page-data.js';
import { renderDemoPage } from '../../src/report/demo-page.js';
import { fakePage } from './fake-page.js';

/** Layout of the markup is no matter. */
const render = (data: DemoPage): string =>
  renderDemoPage(data).replace(/\s+/g, ' ').replace(/> </g, '><');

const page = render(fakePage);
const count = (text: string): number => page.split(text).length - 1;

describe('renderDemoPage', () => {
  it('needs nothing but itself: no script, link, import or address', () => {
    expect(page).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(page).not.toMatch(/https?:|@import|url\(/i);
    expect(page).toContain("default-src 'none'; img-src data:");
  });

  it('embeds every picture with a description', () => {
    const images = page.match(/<img [^>]*>/g) ?? [];
    expect(images).toHaveLength(1 + 2 * 2);
    for (const image of images) {
      expect(image).toContain('src="data:image/png;base64,AQID"');
      expect(image).toMatch(/alt="(Photograph:|Reconstruction of) /);
    }
  });

  it('escapes text in content and attributes', () => {
    expect(page).toContain('<title>Seen &amp; &lt;b&gt;drawn&lt;/b&gt;</title>');
    expect(page).toContain('alt="Photograph: &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"');
    expect(page).toContain('14×14 &lt;unpooled&gt;');
    expect(page).toContain('featinv reconstruct &quot;a b.jpg&quot; &amp;&amp; echo &lt;done&gt;');
  });

  it('opens and closes every element once', () => {
    const unclosed = new Set(['meta', 'img', 'br', '!doctype']);
    const open: string[] = [];
    for (const [, slash, name] of page.matchAll(/<(\/?)([a-z!][a-z0-9]*)/gi)) {
      const element = name!.toLowerCase();
      if (unclosed.has(element)) continue;
      if (slash === '') open.push(element);
      else expect(open.pop()).toBe(element);
    }
    expect(open).toEqual([]);
  });

  it('shows a heat map per model with a value for each position', () => {
    expect(count('<svg class="map"')).toBe(2);
    expect(count('<rect ')).toBe(8);
    expect(page).toContain('<title>-0.20</title>');
    expect(page).toContain('mean 0.33, from -0.20 to 0.90');
  });

  it("marks the photograph's first class where it appears", () => {
    // In the photograph's list and the leading reconstruction's.
    expect(count('<li class="marked">')).toBe(2);
    expect(page).toContain('first class kept among the top five for 1 of 1');
    expect(page).toContain('first class kept among the top five for 0 of 1');
  });

  it('lists the numbers of every photograph and model', () => {
    expect(count('<tr class=')).toBe(2);
    expect(page).toContain('<td>goldfish</td>');
    expect(page).toContain('<td class="number">0.325</td>');
  });

  it('explains the gap and pooling only where they appear', () => {
    expect(page).toContain('95 % interval 41 % to 60 %, 64 held-out crops');
    const [fine] = fakePage.models;
    const { evaluation, ...plain } = fine!;
    expect(evaluation).toBeDefined();
    const single = render({ ...fakePage, models: [plain] });
    expect(single).not.toContain('The gap runs');
    expect(single).not.toContain('<dt>Pooled</dt>');
  });

  it('renders the same bytes for the same data', () => {
    expect(renderDemoPage(fakePage)).toBe(renderDemoPage(fakePage));
  });
});
