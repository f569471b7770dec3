/** Work in units that any machine can do, with plans and results in a shared storage. Knows no queue. */
export { collectEvaluation, planEvaluation } from './evaluation-work.js';
export { collectReconstructions, planReconstruction } from './reconstruction-work.js';
export { missingUnits, readSharedPlan, sharePlan, type SharedPlan } from './shared-plan.js';
export { Workbench } from './workbench.js';
