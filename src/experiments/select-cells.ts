/** Cells by their coordinates: filtered, told apart, laid out along one or two axes. */
import { InputError } from '../errors.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import { parseFraction } from '../fraction.js';
import { AXES, type Axis, type Coordinates } from './measures.js';

type Value = string | number | boolean;

/** Anything that has a place in the grid. */
export interface Placed {
  readonly coordinates: Coordinates;
}

/** Each cell once for each of its judges, whose opinion becomes the first. */
export function perJudge<Cell extends Placed & { readonly summary: EvaluationSummary }>(
  cells: readonly Cell[],
): Cell[] {
  return cells.flatMap((cell) => {
    const { coordinates, summary } = cell;
    return summary.transferCosine.map((judge) => ({
      ...cell,
      coordinates: { ...coordinates, judge: `${judge.backbone} ${judge.layer}` },
      summary: { ...summary, transferCosine: [judge] },
    }));
  });
}

/** The axes along which cells differ. */
export function varyingAxes(cells: readonly Placed[]): Axis[] {
  return AXES.filter((axis) => valuesOf(cells, axis).length > 1);
}

/** Cells with given coordinates; a fraction such as "8/255" stands for its value. */
export function selectCells<Cell extends Placed>(
  cells: readonly Cell[],
  where: Readonly<Partial<Record<Axis, Value>>>,
): Cell[] {
  const wanted = Object.entries(where) as [Axis, Value][];
  return cells.filter(({ coordinates }) =>
    wanted.every(([axis, value]) => isSame(coordinates[axis], value)),
  );
}

function isSame(found: Value | undefined, wanted: Value): boolean {
  if (typeof found === 'number' && typeof wanted === 'string')
    return found === parseFraction(wanted);
  return found === wanted;
}

/** Values of an axis in the order of the cells; a cell without one has `undefined`. */
function valuesOf(cells: readonly Placed[], axis: Axis): (Value | undefined)[] {
  return [...new Set(cells.map(({ coordinates }) => coordinates[axis]))];
}

export interface Layout<Cell> {
  /** Values of `by`, in the order of the cells. */
  readonly groups: readonly Value[];
  /** Values of `series`; one empty one without that axis. */
  readonly series: readonly (Value | undefined)[];
  at(group: Value, series: Value | undefined): Cell | undefined;
}

/**
 * Lays cells out along one or two axes; those without a value of one are left out. Throws InputError
 * where two cells would take the same place.
 */
export function layOut<Cell extends Placed>(
  cells: readonly Cell[],
  {
    title,
    by,
    series,
  }: { readonly title: string; readonly by: Axis; readonly series?: Axis | undefined },
): Layout<Cell> {
  const placed = cells.filter(
    ({ coordinates }) =>
      coordinates[by] !== undefined && (!series || coordinates[series] !== undefined),
  );
  const places = new Map<string, Cell>();
  const key = (group: Value | undefined, of: Value | undefined): string =>
    JSON.stringify([group, of]);
  for (const cell of placed) {
    const { coordinates } = cell;
    const place = key(coordinates[by], series && coordinates[series]);
    const other = places.get(place);
    if (other) throw crowded(title, [cell, other], [by, series]);
    places.set(place, cell);
  }
  if (placed.length === 0) {
    throw new InputError(`"${title}": no cell of the grid is left; see its "where" and "${by}"`);
  }
  return {
    groups: valuesOf(placed, by).filter((value) => value !== undefined),
    series: series ? valuesOf(placed, series) : [undefined],
    at: (group, of) => places.get(key(group, of)),
  };
}

function crowded(
  title: string,
  cells: readonly Placed[],
  used: readonly (Axis | undefined)[],
): InputError {
  // Backbone, layer and pooling follow from the model.
  const free = varyingAxes(cells).filter((axis) => !used.includes(axis));
  return new InputError(
    `"${title}": several cells share one place, they differ in ${free.join(', ')}; name ${free[0]} in "series" or fix it in "where"`,
  );
}

/** One value of an axis, for people. */
export function axisLabel(axis: Axis, value: Value | undefined): string {
  if (value === undefined) return '–';
  switch (axis) {
    case 'pooled':
      return value === true ? 'pooled' : 'unpooled';
    case 'alteration':
      return value === 'none' ? 'as it is' : String(value).replaceAll('_', ' ');
    case 'epsilon': {
      const parts = Number(value) * 255;
      return Math.abs(parts - Math.round(parts)) < 1e-9
        ? `${Math.round(parts)}/255`
        : String(value);
    }
    default:
      return String(value);
  }
}

/** Whether the model alone decides an axis, as it decides its backbone and its own guidance. */
function followsModel(axis: Axis, cells: readonly Placed[]): boolean {
  const models = valuesOf(cells, 'model');
  return (
    models.length > 1 &&
    models.every((model) => {
      const own = cells.filter(({ coordinates }) => coordinates.model === model);
      return valuesOf(own, axis).length === 1;
    })
  );
}

const NAMED: readonly Axis[] = ['severity', 'epsilon', 'steps', 'eta', 'guidance', 'seed'];

/** How a cell differs from the others, in words: `lite0-14x14, steps 50`. */
export function cellLabel({ coordinates }: Placed, among: readonly Placed[]): string {
  const axes = varyingAxes(among);
  const shown = axes.filter((axis) => axis === 'model' || !followsModel(axis, among));
  const parts = shown.flatMap((axis) => {
    const value = coordinates[axis];
    if (value === undefined) return [];
    const label = axisLabel(axis, value);
    return [NAMED.includes(axis) ? `${axis} ${label}` : label];
  });
  return parts.join(', ');
}
