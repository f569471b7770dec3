type Colour = readonly [red: number, green: number, blue: number];

/** From 0 to 1 in even steps; lightness rises all the way, so the order survives without colour. */
const STOPS: readonly Colour[] = [
  [24, 18, 52],
  [79, 28, 104],
  [157, 47, 102],
  [221, 90, 77],
  [249, 158, 88],
  [253, 233, 172],
];

/** CSS colour of a value; those outside [0, 1] take the end's colour. */
export function heatColour(value: number): string {
  const place = Math.min(1, Math.max(0, value)) * (STOPS.length - 1);
  const below = Math.min(Math.floor(place), STOPS.length - 2);
  const share = place - below;
  const mixed = STOPS[below]!.map((low, i) =>
    Math.round(low + (STOPS[below + 1]![i]! - low) * share),
  );
  return `rgb(${mixed.join(' ')})`;
}

/** The scale from 0 to 1 as a CSS gradient. */
export const heatGradient = `linear-gradient(90deg, ${STOPS.map((_, i) =>
  heatColour(i / (STOPS.length - 1)),
).join(', ')})`;
