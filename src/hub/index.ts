/**
 * Pretrained models from elsewhere: what there is, and how it gets to `FEATINV_HOME` unharmed. Knows
 * nothing of what the files are used for.
 */
export { pullCatalogue, type CatalogueEntry, type ModelKind } from './catalogue.js';
export { hubSettings, type HubSettings } from './hub-settings.js';
export { findPulled, pull, type Pulled, type PullOptions } from './pull.js';
export type { PullPlan } from './pull-plan.js';
