import { readConcepts } from '../../concepts/concept-files.js';
import { steer, type SteeredScale, type SteeringResult } from '../../concepts/steer.js';
import { summariseSteering, type Change } from '../../concepts/steering-summary.js';
import { differencePicture, differenceRange } from '../../images/difference-picture.js';
import type { Region } from '../../images/region.js';
import type { SteerResult } from '../api.js';
import { toRows } from '../to-rows.js';
import type { WorkOf } from './messages.js';
import { openPicture } from './open-picture.js';
import type { Task } from './task.js';

/** A picture with one of its concepts weaker or stronger, beside the same picture without the change. */
export async function runSteer(
  { request, picture, concepts }: WorkOf<'steer'>,
  task: Task,
): Promise<SteerResult> {
  const { inverter, session } = task;
  const { concept, scale, samples, seed, sampling, every, region } = request;
  const fitted = await readConcepts(concepts);
  const [, height, width] = fitted.mapShape;
  const result = await steer(inverter, await openPicture(picture), fitted, {
    concept,
    scales: [scale],
    region: region && maskOfWeights(region, height, width),
    seeds: samples,
    seed,
    sampling,
    session,
    onProgress: ({ done, total, scale: drawn, step, steps, seeds, clean }) =>
      task.step(
        { done: step, steps, clean },
        {
          ...{ role: drawn === 1 ? 'before' : 'after', seeds, every },
          ...{ turn: done / samples, turns: total / samples },
        },
      ),
  });
  const before = scaleOf(result, 1);
  const after = scaleOf(result, scale);
  const summaries = summariseSteering(result, inverter.backbone.labels);
  const summary = (of: number) => summaries.find((one) => one.scale === of)!;
  const { difference, classes, activation } = summary(scale);
  const outputs: { seed: number; before: string; after: string }[] = [];
  for (const [k, sample] of before.samples.entries()) {
    outputs.push({
      seed: sample.seed,
      before: await task.keep(`before-${sample.seed}`, sample.image),
      after: await task.keep(`after-${sample.seed}`, after.samples[k]!.image),
    });
  }
  const range = differenceRange([after.difference.mean]);
  const drawn = differencePicture(after.difference.mean, result.photograph, range);
  return {
    kind: 'steer',
    original: await task.keep('original', result.photograph),
    name: result.name,
    activation: toRows(result.activation, width),
    outputs,
    difference: { image: await task.keep('difference', drawn), range, ...difference },
    strength: {
      original: activation.original,
      steered: activation.steered,
      before: summary(1).activation.reconstructions.mean,
      after: activation.reconstructions.mean,
    },
    classes: classes.map(({ index, label, predicted, measured }) => ({
      index,
      label,
      predicted: predicted && beforeAndAfter(predicted),
      measured: beforeAndAfter(measured),
    })),
    seconds: task.seconds(),
  };
}

function scaleOf({ scales }: SteeringResult, scale: number): SteeredScale {
  return scales.find((one) => one.scale === scale)!;
}

const beforeAndAfter = ({ unsteered, steered }: Change): { before: number; after: number } => ({
  before: unsteered,
  after: steered,
});

/** Shares of positions as a square mask, in steps of 1/255. */
export function maskOfWeights(weights: readonly number[], height: number, width: number): Region {
  const side = height === width ? height : height * width;
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const y = Math.floor((Math.floor(i / side) * height) / side);
    const x = Math.floor(((i % side) * width) / side);
    data.fill(Math.round(weights[y * width + x]! * 255), 3 * i, 3 * i + 3);
  }
  return { kind: 'mask', image: { width: side, height: side, data } };
}
