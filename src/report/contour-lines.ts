import type { Html } from './html.js';
import { html } from './html.js';

/** A line in units of the map's grid. */
export type Line = readonly [x0: number, y0: number, x1: number, y1: number];

/** Lines over a square picture; the map that they belong to has `width` × `height` positions. */
export function contourLines(
  lines: readonly Line[],
  { width, height }: { width: number; height: number },
  description: string,
): Html {
  const path = lines.map((line) => {
    const [x0, y0, x1, y1] = line.map((value) => Number(value.toFixed(3)));
    return `M${x0} ${y0}L${x1} ${y1}`;
  });
  return html`<svg
    class="contours"
    viewBox="0 0 ${width} ${height}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${description}"
  >
    <path class="halo" d="${path.join('')}" />
    <path d="${path.join('')}" />
  </svg>`;
}
