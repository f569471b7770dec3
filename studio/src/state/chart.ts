/** Geometry of a line chart: scales, ticks and paths, without a drawing surface. */

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Where a value lies, 0 to 1. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Steps between ticks are 1, 2 or 5 times a power of ten. */
export function linearScale(values: readonly number[], count: number): Scale {
  const [low, high] = rangeOf(values);
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.ceil(high / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) =>
    Number((from + i * step).toPrecision(12)),
  );
  return { from, to, at: (value) => (value - from) / (to - from), ticks };
}

/** For values above 0: the same distance for the same ratio. */
export function logScale(values: readonly number[]): Scale {
  const [low, high] = rangeOf(values);
  const marks = Array.from({ length: 41 }, (_, i) => i - 20).flatMap((exponent) =>
    [1, 2, 5].map((factor) => Number(`${factor}e${exponent}`)),
  );
  const from = marks.findLast((mark) => mark <= low) ?? low;
  const to = marks.find((mark) => mark >= high) ?? high;
  const span = Math.log(to / from) || 1;
  const between = marks.filter((mark) => mark >= from && mark <= to);
  // Over many decades powers of ten are enough.
  const ticks =
    between.length > 7
      ? between.filter((mark) => /^1(e|0*$)|^0\.0*1$/.test(String(mark)))
      : between;
  return { from, to, at: (value) => Math.log(value / from) / span, ticks };
}

function rangeOf(values: readonly number[]): [low: number, high: number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  if (low < high) return [low, high];
  const room = Math.abs(low) * 0.1 || 1;
  return low > 0 ? [low - room, high + room] : [low - room, high + room];
}

/** Mean of each point and its neighbours, `reach` to each side; fewer at the ends. */
export function smoothed(points: readonly ChartPoint[], reach: number): ChartPoint[] {
  return points.map(({ x }, i) => {
    const near = points.slice(Math.max(0, i - reach), i + reach + 1);
    return { x, y: near.reduce((sum, { y }) => sum + y, 0) / near.length };
  });
}

/** An SVG path through points in pixels. */
export const pathThrough = (points: readonly ChartPoint[]): string =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** The point whose x is nearest; undefined where there are none. */
export function nearestPoint(points: readonly ChartPoint[], x: number): ChartPoint | undefined {
  let best: ChartPoint | undefined;
  for (const point of points) {
    if (best === undefined || Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  }
  return best;
}

/** Numbers of a chart for people: three digits that matter. */
export function formatValue(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10_000 || size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
