/** Training in rounds over a storage: what is computed here or by workers, and what a run leaves. */
export { DamagedPart, RoundStore } from './round-store.js';
export { RoundsJournal } from './rounds-journal.js';
export { trainHere } from './train-here.js';
export { TrainingRounds } from './training-rounds.js';
