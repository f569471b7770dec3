/** Measuring inverters on images. */

export type { EvaluationRecord } from './evaluation-record.js';
export type {
  EvaluationImages,
  EvaluationSubject,
  Look,
  MeasuredPictures,
  MeasureOptions,
} from './measure-images.js';
export { measureImages } from './measure-images.js';
export type { EvaluationSummary } from './summarise-evaluation.js';
export { summariseEvaluation } from './summarise-evaluation.js';
export { imagesOfCrops } from './crops-of-photographs.js';
export { InverterSubject } from './inverter-subject.js';
export type { TransferCosine } from './transfer-cosine.js';
export { TransferMeter } from './transfer-cosine.js';
