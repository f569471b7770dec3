/** Training in rounds (DiLoCo): what workers and the averaging between them compute. Knows no storage and no queue. */
export { innerRun } from './inner-run.js';
export { outerStep } from './outer-step.js';
export { innerUnit, partOf, roundStages, weightsUnit } from './round-units.js';
export {
  checkRounds,
  roundCount,
  ROUNDS_FIELD,
  roundsSchema,
  type RoundsConfig,
  type RoundsRunConfig,
} from './rounds-config.js';
export { TensorMean } from './tensor-mean.js';
