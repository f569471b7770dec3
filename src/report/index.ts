/** Pages for people. Knows only plain data: no models, no files. */

export type {
  ClassProbability,
  DemoEvaluation,
  DemoModel,
  DemoPage,
  DemoPhotograph,
  DemoReconstruction,
} from './demo-page-data.js';
export { renderDemoPage } from './demo-page.js';
