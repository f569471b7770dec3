import { InputError } from '../errors.js';
import type { Experiment } from './experiment-file.js';
import { layOut, selectCells, type Placed } from './select-cells.js';

/**
 * Checks before hours of measuring that every chart and gallery has its cells, each in a place of its
 * own. Throws InputError naming the chart.
 */
export function checkShown(
  { charts, galleries, judges }: Experiment,
  cells: readonly Placed[],
): void {
  // Judges' layers are known once they are open; any names tell them apart here.
  const names = judges?.map((_, i) => `judge ${i}`) ?? ['judge 0'];
  const judged = cells.flatMap(({ coordinates }) =>
    names.map((judge) => ({ coordinates: { ...coordinates, judge } })),
  );
  for (const chart of charts) {
    const { title, series, where } = chart;
    const by = chart.type === 'bars' ? chart.by : chart.along;
    if (where.judge !== undefined) continue;
    const chosen = selectCells(by === 'judge' || series === 'judge' ? judged : cells, where);
    layOut(chosen, { title, by, series });
  }
  for (const { title, where } of galleries) {
    if (selectCells(cells, where).length > 0) continue;
    throw new InputError(`"${title}": no cell of the grid is left; see its "where"`);
  }
}
