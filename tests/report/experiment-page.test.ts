import { describe, expect, it } from 'vitest';
import { barChart } from '../../src/report/bar-chart.js';
import { renderExperimentPage } from '../../src/report/experiment-page.js';

const png = Uint8Array.of(1, 2, 3);
const bars = {
  title: 'Cosine <b>',
  series: ['a', 'b'],
  groups: [
    { name: 'first', bars: [{ value: 0.5, interval: { low: 0.4, high: 0.6 } }, { value: null }] },
    { name: 'second', bars: [{ value: -0.25 }, { value: 1234.5 }] },
  ],
};
const page = renderExperimentPage({
  title: 'T <i>',
  question: 'Q?',
  table: { caption: 'c', names: 1, columns: ['model', 'cosine'], rows: [['m', '0.5']] },
  charts: [{ type: 'bars', chart: bars }],
  galleries: [
    {
      title: 'G',
      columns: ['picture', 'm'],
      rows: [{ name: 'cat', pictures: [{ png, caption: 'tabby' }, undefined] }],
    },
  ],
  settings: [['Seeds', '100']],
  commands: ['npx featinv experiment x.json'],
});

describe('renderExperimentPage', () => {
  it('needs nothing but itself, and escapes texts', () => {
    expect(page).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(page).not.toMatch(/https?:|@import|url\(/i);
    expect(page).toContain('<h1>T &lt;i&gt;</h1>');
  });

  it('shows the charts, the pictures that there are, and the numbers', () => {
    expect(page.match(/<img /g)).toHaveLength(1);
    expect(page).toContain('alt="cat, picture"');
    expect(page).toContain('<th scope="row">m</th>');
    expect(page).toContain('featinv experiment x.json');
  });
});

describe('barChart', () => {
  const { markup } = barChart(bars);

  it('draws a bar for each value, a whisker for each interval, and a dash for none', () => {
    expect(markup.match(/class="bar b\d"\s+x=/g)).toHaveLength(3);
    expect(markup.match(/class="whisker"/g)).toHaveLength(1);
    expect(markup).toContain('>–</text');
    expect(markup).toContain('>1235</text');
  });

  it('tells its numbers to those who do not see it', () => {
    expect(markup).toContain(
      'aria-label="Cosine &lt;b&gt;. first: a 0.5, b unknown; second: a -0.25, b 1235"',
    );
  });

  it('begins bars at zero, those of negative values to its left', () => {
    const rectangles = [...markup.matchAll(/x="([\d.]+)"\s+y="[\d.]+"\s+width="([\d.]+)"/g)];
    const [first, negative] = rectangles.map(([, x, width]) => [Number(x), Number(width)]);
    expect(negative![0]! + negative![1]!).toBeCloseTo(first![0]!, 1);
  });
});
