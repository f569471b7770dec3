import type { EvaluationStore, Photographs } from '../../evaluation/index.js';
import { collectEvaluation, planEvaluation } from '../../work/index.js';
import type { Helpers } from '../submit-work.js';

/** Has others measure what a store lacks. False where it was stopped; the work goes on. */
export async function measureElsewhere(
  { storage, complete }: Helpers,
  store: EvaluationStore,
  photographs: Photographs,
  model: string | undefined,
  onImages: (done: number) => void,
): Promise<boolean> {
  const { images, batchSize } = store.plan;
  return complete(
    'evaluation',
    await planEvaluation(storage, store, photographs, model),
    ({ results }) => collectEvaluation(storage, results, store),
    (parts) => onImages(Math.min(images, parts * batchSize)),
  );
}
