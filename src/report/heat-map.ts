import type { Html } from './html.js';
import { html } from './html.js';

type Colour = readonly [red: number, green: number, blue: number];

/** From 0 to 1 in even steps; lightness rises all the way, so the order survives without colour. */
const stops: readonly Colour[] = [
  [24, 18, 52],
  [79, 28, 104],
  [157, 47, 102],
  [221, 90, 77],
  [249, 158, 88],
  [253, 233, 172],
];

/** CSS colour of a cosine; values outside [0, 1] take the end's colour. */
export function cosineColour(cosine: number): string {
  const place = Math.min(1, Math.max(0, cosine)) * (stops.length - 1);
  const below = Math.min(Math.floor(place), stops.length - 2);
  const share = place - below;
  const mixed = stops[below]!.map((low, i) =>
    Math.round(low + (stops[below + 1]![i]! - low) * share),
  );
  return `rgb(${mixed.join(' ')})`;
}

/** A map of cosines as SVG: one square per position, with its value as tooltip. */
export function heatMap(cosines: readonly (readonly number[])[], description: string): Html {
  const height = cosines.length;
  const width = cosines[0]?.length ?? 0;
  const squares = cosines.map((row, y) => row.map((value, x) => square(value, x, y)));
  return html`<svg
    class="map"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${description}"
  >
    ${squares}
  </svg>`;
}

function square(cosine: number, x: number, y: number): Html {
  const tooltip = html`<title>${cosine.toFixed(2)}</title>`;
  // Squares overlap by a little, so that no background shines through between them.
  const place = html`x="${x}" y="${y}" width="1.02" height="1.02"`;
  return html`<rect ${place} fill="${cosineColour(cosine)}">${tooltip}</rect>`;
}

/** The colour scale of every heat map on the page. */
export function heatMapLegend(): Html {
  const gradient = stops.map((_, i) => cosineColour(i / (stops.length - 1))).join(', ');
  return html`<span class="legend">
    <span>0</span>
    <span class="ramp" style="background: linear-gradient(90deg, ${gradient})"></span>
    <span>1</span>
  </span>`;
}
