import type { TrainingOverview, TrainingRequest } from '../../../src/server/api.js';
import { UrlReader, writeSearch } from './url-reader.js';

/** The page Train as its address tells it: which run is shown, beside which others, and the form. */
export interface TrainParams {
  /** Null for the newest. */
  readonly run: string | null;
  readonly others: readonly string[];
  readonly form: Omit<TrainingRequest, 'name'>;
}

/** A minute or two on two cores. */
const USUAL = { steps: 200, batchSize: 8, seed: 1 } as const;

export function readTrain(
  search: string,
  { recipes, data, limits }: TrainingOverview,
): { readonly params: TrainParams; readonly problems: readonly string[] } {
  const reader = new UrlReader(new URLSearchParams(search));
  const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  const recipe = reader.oneOf('recipe', namesOf(recipes)) ?? recipes[0]!.name;
  const { learningRate } = recipes.find(({ name }) => name === recipe)!;
  const steps = { from: 1, to: limits.steps, whole: true };
  const batchSize = { from: 1, to: limits.batchSize, whole: true };
  const params = {
    run: reader.text('run'),
    others: reader.text('with')?.split(',') ?? [],
    form: {
      recipe,
      data: reader.oneOf('data', namesOf(data)) ?? data[0]!.name,
      steps: reader.number('steps', steps) ?? USUAL.steps,
      batchSize: reader.number('batch', batchSize) ?? USUAL.batchSize,
      learningRate: reader.number('rate', { from: 1e-8, to: 1 }) ?? learningRate,
      seed: reader.number('seed', { from: 0, to: 2 ** 32 - 1, whole: true }) ?? USUAL.seed,
    },
  };
  return { params, problems: reader.problems };
}

export function writeTrain({ run, others, form }: TrainParams): string {
  const { recipe, data, steps, batchSize, learningRate, seed } = form;
  return writeSearch({
    run: run ?? undefined,
    with: others.length > 0 ? others.join(',') : undefined,
    ...{ recipe, data, steps, batch: batchSize, rate: learningRate, seed },
  });
}
