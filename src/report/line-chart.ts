import type { Html } from './html.js';
import { html } from './html.js';

export interface ChartLine {
  readonly name: string;
  /** One value for each of the chart's places; null where none is known. */
  readonly values: readonly (number | null)[];
}

export interface LineChart {
  readonly title: string;
  /** What the places stand for, in order. */
  readonly places: readonly number[];
  /** Name of what the places are values of. */
  readonly along: string;
  readonly lines: readonly ChartLine[];
  /** Lowest and highest value that the chart has room for. */
  readonly range: readonly [number, number];
}

const WIDTH = 480;
const HEIGHT = 240;
const MARGIN = { left: 40, right: 12, top: 12, bottom: 34 };
const TICKS = 5;
/** Lines differ by their dashes as well as by their colour. */
const STYLES = 6;

/** Lines over places, with a legend, as SVG; colours are the style sheet's. */
export function lineChart({ title, places, along, lines, range }: LineChart): Html {
  const [low, high] = range;
  const [from, to] = [Math.min(...places), Math.max(...places)];
  const x = (place: number): number => {
    const share = to === from ? 0.5 : (place - from) / (to - from);
    return MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right);
  };
  const y = (value: number): number => {
    const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
    return HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom);
  };
  const ticks = Array.from({ length: TICKS }, (_, i) => low + (i * (high - low)) / (TICKS - 1));
  return html`<figure class="chart">
    <h4>${title}</h4>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${describe(title, lines)}">
      ${ticks.map(
        (value) =>
          html`<line
              class="grid"
              x1="${MARGIN.left}"
              x2="${WIDTH - MARGIN.right}"
              y1="${fixed(y(value))}"
              y2="${fixed(y(value))}"
            />
            <text class="tick" x="${MARGIN.left - 6}" y="${fixed(y(value) + 4)}" text-anchor="end"
              >${short(value)}</text
            >`,
      )}
      ${[from, (from + to) / 2, to].map(
        (place) =>
          html`<text
            class="tick"
            x="${fixed(x(place))}"
            y="${HEIGHT - MARGIN.bottom + 16}"
            text-anchor="middle"
            >${short(place)}</text
          >`,
      )}
      <text class="tick" x="${WIDTH / 2}" y="${HEIGHT - 3}" text-anchor="middle">${along}</text>
      ${lines.map(({ values }, i) => {
        const points = values.flatMap((value, k) =>
          value === null ? [] : [`${fixed(x(places[k]!))},${fixed(y(value))}`],
        );
        return html`<polyline class="line s${i % STYLES}" points="${points.join(' ')}" />`;
      })}
    </svg>
    <ul class="chart-key">
      ${lines.map(
        ({ name }, i) =>
          html`<li>
            <svg viewBox="0 0 28 8" aria-hidden="true">
              <polyline class="line s${i % STYLES}" points="1,4 27,4" />
            </svg>
            ${name}
          </li>`,
      )}
    </ul>
  </figure>`;
}

function describe(title: string, lines: readonly ChartLine[]): string {
  const parts = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    const [first, last] = [known[0], known.at(-1)];
    return first === undefined
      ? `${name}: unknown`
      : `${name} from ${short(first)} to ${short(last!)}`;
  });
  return `${title}: ${parts.join('; ')}`;
}

const fixed = (value: number): string => value.toFixed(1);
const short = (value: number): string => String(Number(value.toFixed(2)));
