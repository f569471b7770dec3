import { type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import {
  type ChartPoint,
  formatValue,
  linearScale,
  logScale,
  nearestPoint,
  pathThrough,
  smoothed,
} from '../state/chart.js';

export interface ChartLine {
  readonly label: string;
  readonly points: readonly ChartPoint[];
  /** What it looks like: `main`, or one of those that it is compared with. */
  readonly look: 'main' | 'other' | 'bound';
}

export interface LineChartProps {
  readonly title: string;
  /** What the numbers are, in a few words. */
  readonly about: string;
  readonly lines: readonly ChartLine[];
  readonly xLabel: string;
  readonly isLog?: boolean;
  /** Neighbours to each side that the line is the mean of; the points themselves stay visible. */
  readonly reach?: number;
  /** Where the x axis ends, whatever there is yet. */
  readonly xEnd: number;
  /** The x that is read, shared by charts of one run; null for the last one. */
  readonly read: number | null;
  readonly onRead: (x: number | null) => void;
}

const HEIGHT = 220;
const EDGE = { left: 52, right: 12, top: 10, bottom: 30 } as const;

/** Lines over steps. A slider below it reads the values at a step: with the keyboard as well. */
export function LineChart(props: LineChartProps) {
  const { title, about, lines, xLabel, isLog = false, reach = 0, xEnd, read, onRead } = props;
  const id = useId();
  const [frame, width] = useWidth();
  const usable = lines.map((line) => ({
    ...line,
    points: isLog ? line.points.filter(({ y }) => y > 0) : line.points,
  }));
  const values = usable.flatMap(({ points }) => points.map(({ y }) => y));
  const x = linearScale([0, Math.max(1, xEnd)], width < 400 ? 3 : 6);
  const y = isLog ? logScale(values) : linearScale(values, 4);
  const place = ({ x: step, y: value }: ChartPoint): ChartPoint => ({
    x: EDGE.left + Math.min(1, step / Math.max(1, xEnd)) * (width - EDGE.left - EDGE.right),
    y: EDGE.top + (1 - y.at(value)) * (HEIGHT - EDGE.top - EDGE.bottom),
  });
  const last = Math.max(0, ...usable.flatMap(({ points }) => points.at(-1)?.x ?? 0));
  const at = Math.min(read ?? last, last);
  const readOut = usable.flatMap((line) => {
    const point = nearestPoint(line.points, at);
    return point ? [{ ...line, point }] : [];
  });
  const onMove = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - EDGE.left) / (width - EDGE.left - EDGE.right);
    onRead(Math.round(Math.min(1, Math.max(0, share)) * Math.max(1, xEnd)));
  };
  return (
    <figure className="chart" ref={frame}>
      <figcaption>
        <strong id={id}>{title}</strong> <span>{about}</span>
      </figcaption>
      {values.length === 0 ? (
        <p className="frame empty chart-empty">Nothing measured yet</p>
      ) : (
        <svg
          width={width}
          height={HEIGHT}
          aria-hidden="true"
          onPointerMove={onMove}
          onPointerLeave={() => onRead(null)}
        >
          {y.ticks.map((tick) => {
            const { y: top } = place({ x: 0, y: tick });
            return (
              <g key={tick}>
                <line className="grid" x1={EDGE.left} x2={width - EDGE.right} y1={top} y2={top} />
                <text className="tick" x={EDGE.left - 8} y={top + 4} textAnchor="end">
                  {formatValue(tick)}
                </text>
              </g>
            );
          })}
          {x.ticks
            .filter((tick) => tick <= xEnd)
            .map((tick) => (
              <text
                key={tick}
                className="tick"
                x={place({ x: tick, y: y.from }).x}
                y={HEIGHT - 10}
                textAnchor="middle"
              >
                {tick}
              </text>
            ))}
          {usable.map((line) => (
            <g key={line.label} className={`line ${line.look}`}>
              {reach > 0 && <path className="raw" d={pathThrough(line.points.map(place))} />}
              <path d={pathThrough(smoothed(line.points, reach).map(place))} />
            </g>
          ))}
          {readOut.map(({ label, look, point }) => {
            const { x: cx, y: cy } = place(point);
            return <circle key={label} className={`dot ${look}`} cx={cx} cy={cy} r={4} />;
          })}
        </svg>
      )}
      {values.length > 0 && (
        <div className="reading">
          <label>
            <span className="unseen">Read {title} at</span>
            <input
              type="range"
              min={0}
              max={Math.max(1, xEnd)}
              value={read ?? last}
              aria-valuetext={`${xLabel} ${at}: ${readOut
                .map(({ label, point }) => `${label} ${formatValue(point.y)}`)
                .join(', ')}`}
              onChange={(event) => onRead(event.target.valueAsNumber)}
            />
          </label>
          <p className="quiet">
            {xLabel} {at}
            {readOut.map(({ label, look, point }) => (
              <span key={label} className={`key ${look}`}>
                {label} <strong>{formatValue(point.y)}</strong>
              </span>
            ))}
          </p>
        </div>
      )}
    </figure>
  );
}

/** The width that an element has, from before it is painted. */
function useWidth() {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const measure = (): void => setWidth(frame.current?.clientWidth ?? 600);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
