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
export type { ConceptCardData, ConceptCardsPage } from './concept-cards-page.js';
export { renderConceptCards } from './concept-cards-page.js';
export type { AttackedPicture, AttackPage } from './attack-page.js';
export { renderAttackPage } from './attack-page.js';
export type { MixPage } from './mix-page.js';
export { renderMixPage } from './mix-page.js';
export type { ChartLine } from './line-chart.js';
export type { BarChart } from './bar-chart.js';
export type { LineChart } from './line-chart.js';
export type {
  ExperimentChartData,
  ExperimentPage,
  Gallery,
  GalleryPicture,
  ResultTable,
} from './experiment-page.js';
export { renderExperimentPage } from './experiment-page.js';
export type { ResultFigure, ResultPage, ResultSection } from './result-page.js';
export { renderResultPage } from './result-page.js';
