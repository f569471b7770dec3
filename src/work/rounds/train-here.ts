import {
  partOf,
  roundCount,
  roundStages,
  type RoundsRunConfig,
} from '../../training/rounds/index.js';
import type { RoundStore } from './round-store.js';
import type { TrainingRounds } from './training-rounds.js';

/** Does in this process what is missing of a run in rounds. False where the signal ended it. */
export async function trainHere(
  store: RoundStore,
  rounds: TrainingRounds,
  config: RoundsRunConfig,
  {
    signal,
    onRound,
  }: { readonly signal: AbortSignal; readonly onRound: (round: number) => Promise<void> },
): Promise<boolean> {
  const { workers } = config.rounds;
  for (const unit of roundStages(workers, roundCount(config)).flat()) {
    if (!(await store.isDone(unit))) await rounds.run(unit);
    if (signal.aborted) return false;
    const part = partOf(workers, unit);
    if (part.type === 'outer') await onRound(part.round);
  }
  return true;
}
