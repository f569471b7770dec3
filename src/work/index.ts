/** Work in units that any machine can do, with plans and results in a shared storage. Knows no queue. */
export { collectEvaluation, planEvaluation } from './evaluation-work.js';
export { collectFeatureShards, planFeatures } from './features-work.js';
export { collectReconstructions, planReconstruction } from './reconstruction-work.js';
export {
  DamagedPart,
  RoundsJournal,
  RoundStore,
  trainHere,
  TrainingRounds,
} from './rounds/index.js';
export {
  missingUnits,
  readSharedPlan,
  readyUnits,
  sharePlan,
  type SharedPlan,
} from './shared-plan.js';
export { planTraining } from './training-work.js';
export { Workbench, type WorkDone } from './workbench.js';
