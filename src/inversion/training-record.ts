import type { TrainingStatus } from '../training/trainer.js';
import type { TrainingConfig } from './training-tasks.js';

/** How weights came to be, stored with the released ones. */
export class TrainingRecord {
  /** The latest that the trainer has told. */
  status: TrainingStatus | undefined;

  constructor(private readonly config: TrainingConfig) {}

  toJson(): Record<string, unknown> {
    const { task, trainer, rounds } = this.config;
    const { step = 0, images = 0, seconds = 0, validation = {} } = this.status ?? {};
    return {
      config: { ...task, trainer, ...(rounds && { rounds }) },
      step,
      images,
      seconds,
      metrics: validation,
    };
  }
}
