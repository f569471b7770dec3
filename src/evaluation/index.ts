/** Measuring inverters on images. Knows what to measure, not how models are loaded or run. */

export type { EvaluationRecord } from './evaluation-record.js';
export type {
  EvaluationImages,
  EvaluationSubject,
  Look,
  MeasureOptions,
} from './measure-images.js';
export { measureImages } from './measure-images.js';
export type { EvaluationSummary } from './summarise-evaluation.js';
export { summariseEvaluation } from './summarise-evaluation.js';
