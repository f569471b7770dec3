import { topPredictions } from '../../backbones/index.js';
import { seedRange } from '../../inversion/inverter.js';
import { reconstructSight, seePictures } from '../../inversion/reconstruct-picture.js';
import type { LookOutput, LookResult } from '../api.js';
import { toRows } from '../to-rows.js';
import type { WorkOf } from './messages.js';
import { openPicture } from './open-picture.js';
import type { Task } from './task.js';

/** What the classifier saw in a picture, drawn step by step. */
export async function runLook(
  { request, picture }: WorkOf<'look'>,
  task: Task,
): Promise<LookResult> {
  const { inverter } = task;
  const { samples, seed, sampling, every } = request;
  const seeds = seedRange(seed, samples);
  const original = await inverter.prepare(await openPicture(picture));
  const [sight] = await seePictures(inverter, [original]);
  const compared = await reconstructSight(inverter, sight!, {
    samples,
    seed,
    sampling,
    onStep: (info) => task.step(info, { role: 'drawn', seeds, every }),
  });
  const outputs: LookOutput[] = [];
  for (const one of compared) {
    outputs.push({
      seed: one.seed,
      image: await task.keep(`reconstruction-${one.seed}`, one.image),
      cosine: one.cosine,
      cosineMap: toRows(one.cosineMap, inverter.config.mapShape[2]),
      top5: one.top5,
      top5Match: one.top5Match,
    });
  }
  return {
    kind: 'look',
    original: await task.keep('original', original),
    top5: topPredictions(sight!.logits!, inverter.backbone.labels),
    outputs,
    seconds: task.seconds(),
  };
}
