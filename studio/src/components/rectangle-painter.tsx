import { type KeyboardEvent, type PointerEvent, useId, useRef } from 'react';
import type { Rectangle } from '../../../src/server/api.js';
import { pictureUrl } from '../api/client.js';
import {
  holds,
  LEAST_SIDE,
  moveRectangle,
  rectangleBetween,
  resizeRectangle,
} from '../state/rectangle.js';
import type { Point } from '../state/region-weights.js';
import { arrowOf, pointerPoint } from './pointer-point.js';

export interface RectanglePainterProps {
  readonly a: string;
  readonly b: string;
  readonly region: Rectangle;
  readonly onChange: (region: Rectangle) => void;
}

interface Drag {
  readonly kind: 'draw' | 'move' | 'resize';
  readonly from: Point;
  readonly region: Rectangle;
}

/** One step of an arrow key. */
const STEP = 0.02;

/** Picture A with a rectangle of picture B in it: dragged elsewhere it is drawn anew, inside it is moved. */
export function RectanglePainter({ a, b, region, onChange }: RectanglePainterProps) {
  const helpId = useId();
  const drag = useRef<Drag | null>(null);

  const press = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const from = pointerPoint(event);
    drag.current = { kind: kindOf(from, region), from, region };
  };
  const pull = (event: PointerEvent): void => {
    if (!drag.current) return;
    const { kind, from, region: start } = drag.current;
    const to = pointerPoint(event);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    // A click without a movement is no rectangle.
    if (kind === 'draw' && Math.hypot(dx, dy) < LEAST_SIDE / 2) return;
    if (kind === 'draw') onChange(rectangleBetween(from, to));
    else onChange((kind === 'move' ? moveRectangle : resizeRectangle)(start, dx, dy));
  };
  const release = (): void => {
    drag.current = null;
  };
  const type = (event: KeyboardEvent): void => {
    const arrow = arrowOf(event.key);
    if (!arrow) return;
    event.preventDefault();
    const change = event.shiftKey ? resizeRectangle : moveRectangle;
    onChange(change(region, arrow[0] * STEP, arrow[1] * STEP));
  };

  const { x, y, width, height } = region;
  const percent = (share: number): string => `${100 * share}%`;
  const place = {
    left: percent(x),
    top: percent(y),
    width: percent(width),
    height: percent(height),
  };
  const inset = [y, 1 - x - width, 1 - y - height, x].map(percent).join(' ');
  return (
    <div className="painter">
      <div
        className="frame canvas"
        role="application"
        tabIndex={0}
        aria-label="Where B is pasted into A"
        aria-describedby={helpId}
        onPointerDown={press}
        onPointerMove={pull}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={type}
      >
        <img src={pictureUrl(a, 512)} alt="" draggable={false} />
        <img
          className="pasted"
          src={pictureUrl(b, 512)}
          alt=""
          draggable={false}
          style={{ clipPath: `inset(${inset})` }}
        />
        <div className="rectangle" style={place}>
          <span className="corner" />
        </div>
        <span className="unseen" aria-live="polite">
          {`From ${Math.round(100 * x)} % and ${Math.round(100 * y)} %, ` +
            `${Math.round(100 * width)} % wide, ${Math.round(100 * height)} % high`}
        </span>
      </div>
      <p className="quiet" id={helpId}>
        Drag to draw the place anew, drag it to move it, drag its corner to resize it. With keys:
        arrows move, Shift and arrows resize.
      </p>
    </div>
  );
}

/** The corner reaches a little into its surroundings, so that fingers find it. */
function kindOf(point: Point, region: Rectangle): Drag['kind'] {
  const corner = { x: region.x + region.width, y: region.y + region.height };
  if (Math.hypot(point.x - corner.x, point.y - corner.y) < 0.06) return 'resize';
  return holds(region, point) ? 'move' : 'draw';
}
