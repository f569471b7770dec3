import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react';
import { pictureUrl } from '../api/client.js';
import {
  emptyRegion,
  type Grid,
  invertRegion,
  isEmpty,
  paintStroke,
  type Point,
} from '../state/region-weights.js';
import { Slider } from './fields.js';
import { arrowOf, pointerPoint } from './pointer-point.js';

export interface RegionPainterProps {
  readonly picture: string;
  readonly grid: Grid;
  /** Null for everywhere. */
  readonly region: readonly number[] | null;
  readonly onChange: (region: readonly number[] | null) => void;
}

/** A picture to paint on: the positions of the map where something is to change. */
export function RegionPainter({ picture, grid, region, onChange }: RegionPainterProps) {
  const helpId = useId();
  const [radius, setRadius] = useState(0.12);
  const [erase, setErase] = useState(false);
  const [cursor, setCursor] = useState<readonly [row: number, column: number]>([0, 0]);
  const last = useRef<Point | null>(null);
  const weights = region ?? emptyRegion(grid);
  const change = (next: readonly number[]): void => onChange(isEmpty(next) ? null : next);

  const paint = (event: PointerEvent): void => {
    const point = pointerPoint(event);
    change(paintStroke(weights, grid, last.current ?? point, point, { radius, erase }));
    last.current = point;
  };
  const press = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    paint(event);
  };
  const release = (): void => {
    last.current = null;
  };

  const [row, column] = cursor;
  const position = row * grid.width + column;
  const type = (event: KeyboardEvent): void => {
    const arrow = arrowOf(event.key);
    if (arrow) {
      const [x, y] = [column + arrow[0], row + arrow[1]];
      if (x >= 0 && x < grid.width && y >= 0 && y < grid.height) setCursor([y, x]);
    } else if (event.key === ' ' || event.key === 'Enter') {
      change(weights.map((weight, i) => (i === position ? (weight > 0.5 ? 0 : 1) : weight)));
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="painter">
      <div
        className="frame canvas"
        role="application"
        tabIndex={0}
        aria-label="Where to steer"
        aria-describedby={helpId}
        onPointerDown={press}
        onPointerMove={(event) => last.current && paint(event)}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={type}
      >
        <img src={pictureUrl(picture, 512)} alt="" draggable={false} />
        <Weights weights={weights} grid={grid} cursor={cursor} />
        <span className="unseen" aria-live="polite">
          {`Row ${row + 1}, column ${column + 1}: ${weights[position]! > 0 ? 'marked' : 'not marked'}`}
        </span>
      </div>
      <p className="quiet" id={helpId}>
        {region ? 'Only the marked places change.' : 'Everything changes. Paint to mark a place.'}{' '}
        With keys: arrows move, space marks.
      </p>
      <Slider
        label="Brush"
        value={radius}
        from={0.04}
        to={0.4}
        step={0.02}
        format={(value) => `${Math.round(200 * value)} % wide`}
        onChange={setRadius}
      />
      <div className="button-row">
        <label className="check">
          <input
            type="checkbox"
            checked={erase}
            onChange={(event) => setErase(event.target.checked)}
          />
          Erase
        </label>
        <button type="button" disabled={!region} onClick={() => change(invertRegion(weights))}>
          Invert
        </button>
        <button type="button" disabled={!region} onClick={() => onChange(null)}>
          Clear
        </button>
      </div>
    </div>
  );
}

interface WeightsProps {
  readonly weights: readonly number[];
  readonly grid: Grid;
  readonly cursor: readonly [row: number, column: number];
}

/** Marked places keep their colours, the others fade. */
function Weights({ weights, grid: { height, width }, cursor: [row, column] }: WeightsProps) {
  const hasRegion = !isEmpty(weights);
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      shapeRendering="crispEdges"
      aria-hidden="true"
    >
      {hasRegion &&
        weights.map((weight, i) => (
          <rect
            key={i}
            className="veil"
            x={i % width}
            y={Math.floor(i / width)}
            width="1"
            height="1"
            opacity={0.78 * (1 - weight)}
          />
        ))}
      <rect className="cursor" x={column} y={row} width="1" height="1" />
    </svg>
  );
}
