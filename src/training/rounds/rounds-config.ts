import { z } from 'zod';
import { InputError } from '../../errors.js';
import { TRAINER_FIELD, type TrainerConfig } from '../config.js';

/** The field of a configuration file that shares training among workers. */
export const ROUNDS_FIELD = 'rounds';

/** Training in rounds (DiLoCo, Douillard et al., arXiv 2311.08105, algorithm 1), with the paper's defaults. */
export const roundsSchema = z.strictObject({
  /** Runs side by side from each round's weights, on a shard of the photographs each. */
  workers: z.int().min(1).max(1024),
  /** AdamW steps of a worker in a round (H). */
  innerSteps: z.int().min(1).default(500),
  /** Of the Nesterov step on what the workers changed on average. */
  outerLearningRate: z.number().positive().default(0.7),
  outerMomentum: z.number().min(0).lt(1).default(0.9),
  /** How workers hand in what they changed: their weights whole, or differences in half precision. */
  deltas: z.enum(['fp32', 'fp16']).default('fp32'),
  /** Whether a worker's AdamW moments go on in the next round or begin anew. */
  innerState: z.enum(['carried', 'fresh']).default('carried'),
});

export type RoundsConfig = z.output<typeof roundsSchema>;

/** What a run in rounds is configured with; `trainer.steps` are those of each worker. */
export interface RoundsRunConfig {
  readonly trainer: TrainerConfig;
  readonly rounds: RoundsConfig;
}

export const roundCount = ({ trainer, rounds }: RoundsRunConfig): number =>
  trainer.steps / rounds.innerSteps;

/** Throws InputError naming the file for a trainer that cannot work in such rounds. */
export function checkRounds({ trainer, rounds }: RoundsRunConfig, fileName: string): void {
  const { steps, maxMinutes } = trainer;
  const { innerSteps } = rounds;
  if (steps % innerSteps !== 0) {
    throw new InputError(
      `${fileName}: "${TRAINER_FIELD}.steps" must be a multiple of "${ROUNDS_FIELD}.innerSteps" (${innerSteps}), got ${steps}`,
    );
  }
  if (maxMinutes !== null) {
    throw new InputError(
      `${fileName}: "${TRAINER_FIELD}.maxMinutes" must be null where there are "${ROUNDS_FIELD}": they end after their steps`,
    );
  }
}
