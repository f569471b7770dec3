import { heatColour, heatGradient } from '../state/heat-colour.js';

export interface HeatOverlayProps {
  /** Rows of positions. */
  readonly values: readonly (readonly number[])[];
  /** The value of the last colour; that of the first is 0. */
  readonly most?: number;
  readonly label: string;
}

/** A map's values over its picture: one square for each position, with its value as tooltip. */
export function HeatOverlay({ values, most = 1, label }: HeatOverlayProps) {
  const [height, width] = [values.length, values[0]?.length ?? 0];
  return (
    <svg
      className="heat"
      shapeRendering="crispEdges"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {values.flatMap((row, y) =>
        row.map((value, x) => (
          <rect key={`${x} ${y}`} x={x} y={y} width="1" height="1" fill={heatColour(value / most)}>
            <title>{value.toFixed(2)}</title>
          </rect>
        )),
      )}
    </svg>
  );
}

export function HeatLegend({ low, high }: { low: string; high: string }) {
  return (
    <span className="legend">
      {low}
      <span className="ramp" style={{ background: heatGradient }} />
      {high}
    </span>
  );
}
