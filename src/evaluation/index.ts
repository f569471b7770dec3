/** Measuring inverters on images. */

export type { EvaluationRecord } from './evaluation-record.js';
export {
  photographCrops,
  type EvaluationImage,
  type EvaluationImages,
} from './evaluation-images.js';
export {
  EvaluationStore,
  costsOf,
  evaluationPlanSchema,
  joinStores,
  planDifference,
  recordsName,
  recordsOf,
  WHOLE,
  type EvaluationPlan,
  type HeldBatch,
} from './evaluation-store.js';
export {
  evaluateInverter,
  openEvaluation,
  reportEvaluation,
  type Alteration,
  type EvaluationReport,
  type EvaluationRequest,
  type OpenEvaluation,
} from './evaluate-inverter.js';
export { InverterSubject } from './inverter-subject.js';
export { defaultJudge, MapJudge } from './map-judge.js';
export {
  measureBatch,
  type EvaluationSubject,
  type Instruments,
  type Judge,
  type Look,
  type MeasuredPictures,
} from './measure-images.js';
export { choosePhotographs, fingerprint, nameIn, type Photographs } from './photographs.js';
export {
  measureIntoStore,
  runEvaluation,
  shownImages,
  SHOWN_IMAGES,
  type ShownImage,
} from './run-evaluation.js';
export {
  summariseEvaluation,
  type AlterationSummary,
  type EvaluationSummary,
  type TransferSummary,
} from './summarise-evaluation.js';
