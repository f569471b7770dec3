/** Declared grids of evaluations: what varies, what is measured, and the results as data. */

export { changeOf, openAlteration, type OpenAlteration } from './alterations.js';
export {
  experimentName,
  readExperiment,
  type Experiment,
  type ExperimentChart,
  type ExperimentGallery,
} from './experiment-file.js';
export type { Cell } from './grid.js';
export { MEASURE_LABELS, measureOf, type Axis, type Measure } from './measures.js';
export { resultsCsv, resultsJson } from './results.js';
export { runExperiment, type CellResult, type ExperimentRun } from './run-experiment.js';
export {
  axisLabel,
  cellLabel,
  layOut,
  perJudge,
  selectCells,
  varyingAxes,
} from './select-cells.js';
