import type { Html } from './html.js';
import { html } from './html.js';

export interface Bar {
  /** Null where nothing was measured. */
  readonly value: number | null;
  readonly interval?: { readonly low: number; readonly high: number } | undefined;
}

export interface BarChart {
  readonly title: string;
  /** Names of the bars of a group; one without a name needs no legend. */
  readonly series: readonly string[];
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
}

const WIDTH = 560;
/** Room for names, by their longest: about 6.6 a letter at the size of ticks. */
const LABELS = { least: 70, most: 270, letter: 6.6 };
const VALUES = 50;
const BAR = 13;
const GAP = 9;
const STYLES = 6;

/** Groups of horizontal bars with whiskers for intervals, as SVG; colours are the style sheet's. */
export function barChart({ title, series, groups }: BarChart): Html {
  const all = groups.flatMap(({ bars }) =>
    bars.flatMap(({ value, interval }) => [value ?? 0, interval?.high ?? 0, interval?.low ?? 0]),
  );
  const low = Math.min(0, ...all);
  const high = Math.max(0, ...all);
  const longest = Math.max(...groups.map(({ name }) => name.length));
  const labels = Math.min(LABELS.most, Math.max(LABELS.least, 12 + longest * LABELS.letter));
  const x = (value: number): number =>
    labels + ((value - low) / (high - low || 1)) * (WIDTH - labels - VALUES);
  const step = series.length * BAR + GAP;
  const height = groups.length * step;
  return html`<figure class="chart">
    <h4>${title}</h4>
    <svg
      viewBox="0 0 ${WIDTH} ${height}"
      role="img"
      aria-label="${describe(title, series, groups)}"
    >
      ${groups.map(({ name, bars }, g) => {
        const top = g * step;
        const middle = top + (series.length * BAR) / 2;
        return html`<text
            class="tick"
            x="${fixed(labels - 8)}"
            y="${fixed(middle + 4)}"
            text-anchor="end"
            >${name}</text
          >${bars.map((bar, s) => drawBar(bar, s, top + s * BAR, x))}`;
      })}
      <line class="axis" x1="${fixed(x(0))}" x2="${fixed(x(0))}" y1="0" y2="${height - GAP}" />
    </svg>
    ${series.length > 1 ? legend(series) : undefined}
  </figure>`;
}

function drawBar(
  { value, interval }: Bar,
  style: number,
  top: number,
  x: (value: number) => number,
): Html {
  const middle = fixed(top + BAR / 2 + 3.5);
  if (value === null) return html`<text class="tick" x="${fixed(x(0) + 4)}" y="${middle}">–</text>`;
  const [left, right] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
  const end = Math.max(right, interval ? x(interval.high) : right);
  return html`<rect
      class="bar b${style % STYLES}"
      x="${fixed(left)}"
      y="${fixed(top + 1)}"
      width="${fixed(right - left)}"
      height="${BAR - 2}"
    />${
      interval &&
      html`<line
        class="whisker"
        x1="${fixed(x(interval.low))}"
        x2="${fixed(x(interval.high))}"
        y1="${fixed(top + BAR / 2)}"
        y2="${fixed(top + BAR / 2)}"
      />`
    }<text class="tick" x="${fixed(end + 5)}" y="${middle}">${short(value)}</text>`;
}

function legend(series: readonly string[]): Html {
  return html`<ul class="chart-key">
    ${series.map(
      (name, i) =>
        html`<li>
          <svg viewBox="0 0 28 8" aria-hidden="true">
            <rect class="bar b${i % STYLES}" width="28" height="8" />
          </svg>
          ${name}
        </li>`,
    )}
  </ul>`;
}

function describe(title: string, series: readonly string[], groups: BarChart['groups']): string {
  const parts = groups.map(({ name, bars }) => {
    const values = bars.map(({ value }, i) => {
      const text = value === null ? 'unknown' : short(value);
      return series.length > 1 ? `${series[i]} ${text}` : text;
    });
    return `${name}: ${values.join(', ')}`;
  });
  return `${title}. ${parts.join('; ')}`;
}

const fixed = (value: number): string => value.toFixed(1);

const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toFixed(3)));
