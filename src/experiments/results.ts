/** Results of an experiment as JSON and CSV. Neither holds a time: the same run gives the same bytes. */
import type { Experiment } from './experiment-file.js';
import { AXES, measureOf, MEASURES } from './measures.js';
import type { CellResult } from './run-experiment.js';
import { perJudge } from './select-cells.js';

/** The document `results.json`. */
export function resultsJson(experiment: Experiment, cells: readonly CellResult[]): unknown {
  return {
    schemaVersion: 1,
    experiment,
    cells: cells.map(({ coordinates, summary, unreadable }) => ({
      coordinates,
      ...summary,
      unreadable,
    })),
  };
}

/** One row for each cell and judge: coordinates, each measure, and the bounds of those with an interval. */
export function resultsCsv(results: readonly CellResult[]): string {
  const cells = perJudge(results);
  const columns = MEASURES.flatMap((measure) => {
    const hasInterval = cells.some(({ summary }) => measureOf(summary, measure).interval);
    return hasInterval ? [measure, `${measure}_low`, `${measure}_high`] : [measure];
  });
  const rows = cells.map(({ coordinates, summary }) => {
    const values = MEASURES.flatMap((measure) => {
      const { value, interval } = measureOf(summary, measure);
      const bounds = columns.includes(`${measure}_low`) ? [interval?.low, interval?.high] : [];
      return [value, ...bounds];
    });
    return [...AXES.map((axis) => coordinates[axis]), summary.images, ...values];
  });
  return [[...AXES, 'count', ...columns], ...rows]
    .map((row) => row.map(csvField).join(',') + '\r\n')
    .join('');
}

/** As RFC 4180 has it. */
function csvField(value: string | number | boolean | null | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
