import type { TrainingRequest } from '../api.js';
import type { Recipe } from './recipes.js';
import type { DataChoice } from './training-data.js';

/** Validations of a run, so that there are curves and pictures to see on the way. */
const VALIDATIONS = 10;
/** Steps between them at least: each takes as long as several steps. */
const LEAST_BETWEEN = 5;
/** Held-out crops of a validation: few, so that it takes seconds. */
const CROPS = 8;
const LOG_LINES = 200;

/** The configuration of a run of the studio: a recipe with what was asked for in place of its own. */
export function trainingConfigOf(
  request: TrainingRequest,
  recipe: Recipe,
  data: DataChoice,
): unknown {
  const { name, steps, batchSize, learningRate, seed } = request;
  // Every run of the studio begins with the base's encoder: what some recipes begin with is not here.
  const { trainer, release, startFrom: _, ...task } = recipe.config;
  const every = Math.max(LEAST_BETWEEN, Math.ceil(steps / VALIDATIONS));
  return {
    ...task,
    data: { ...data.config, heldOutCropsPerImage: 1, validationCrops: CROPS },
    release: { ...release, name },
    trainer: {
      ...trainer,
      ...{ steps, batchSize, learningRate, seed },
      // As large a part of the run as in the recipe, or less.
      warmupSteps: Math.min(trainer.warmupSteps, Math.floor(steps / 10)),
      finalLearningRate: Math.min(trainer.finalLearningRate, learningRate / 10),
      ...{ validateEvery: every, checkpointEvery: every },
      logEvery: Math.max(1, Math.floor(steps / LOG_LINES)),
    },
  };
}
