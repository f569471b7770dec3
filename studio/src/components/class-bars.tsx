import type { Prediction } from '../../../src/server/api.js';
import { formatShare, shortLabel } from '../state/format.js';

export interface ClassBarsProps {
  readonly heading: string;
  /** Null while they are not known: their place is kept. */
  readonly classes: readonly Prediction[] | null;
  /** Classes that stand out. */
  readonly marked?: ReadonlySet<number>;
}

const ROWS = 5;

/** The likeliest classes as bars. */
export function ClassBars({ heading, classes, marked }: ClassBarsProps) {
  const rows = classes ?? new Array<null>(ROWS).fill(null);
  return (
    <section className="bars">
      <h3>{heading}</h3>
      <ol>
        {rows.map((row, i) =>
          row === null ? (
            <li key={i} aria-hidden="true" className="waiting">
              <span className="name">…</span>
              <span className="track" />
              <span className="share" />
            </li>
          ) : (
            <li key={i} className={marked?.has(row.index) ? 'marked' : undefined}>
              <span className="name" title={row.label}>
                {shortLabel(row.label)}
              </span>
              <span className="track" aria-hidden="true">
                <span style={{ width: `${Math.max(0.5, 100 * row.probability)}%` }} />
              </span>
              <span className="share">{formatShare(row.probability)}</span>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}
