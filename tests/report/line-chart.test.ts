import { describe, expect, it } from 'vitest';
import { lineChart } from '../../src/report/line-chart.js';

const chart = lineChart({
  title: 'Way',
  places: [0, 0.5, 1],
  along: 'α',
  lines: [
    { name: 'a <b>', values: [0, 0.5, 1] },
    { name: 'gap', values: [1, null, 0] },
  ],
  range: [0, 1],
}).markup;

describe('lineChart', () => {
  it('draws each line from left to right, higher values higher', () => {
    const lines = [...chart.matchAll(/points="([^"]+)"/g)].map(([, points]) => points!);
    expect(lines[0]).toBe('40.0,206.0 254.0,109.0 468.0,12.0');
    expect(lines[1]).toBe('40.0,12.0 468.0,206.0');
  });

  it('says in words what it shows, and escapes names', () => {
    expect(chart).toContain('Way: a &lt;b&gt; from 0 to 1; gap from 1 to 0');
    expect(chart.match(/<li>/g)).toHaveLength(2);
  });
});
