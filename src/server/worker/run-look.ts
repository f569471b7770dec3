import { topPredictions } from '../../backbones/index.js';
import { reconstructSight, seePictures } from '../../inversion/reconstruct-picture.js';
import type { LookOutput, LookResult } from '../api.js';
import type { WorkOf } from './messages.js';
import { openPicture } from './open-picture.js';
import { type Task, toRows } from './task.js';

/** What the classifier saw in a picture, drawn step by step. */
export async function runLook(
  { request, picture }: WorkOf<'look'>,
  task: Task,
): Promise<LookResult> {
  const { inverter } = task;
  const { samples, seed, sampling, every } = request;
  const original = await inverter.prepare(await openPicture(picture));
  const [sight] = await seePictures(inverter, [original]);
  const compared = await reconstructSight(inverter, sight!, {
    samples,
    seed,
    sampling,
    onStep: async ({ done, steps, clean }) => {
      task.progress(done, steps, `step ${done} of ${steps}`);
      if (every === 0 || done % every !== 0 || done === steps) return;
      const images = await inverter.decode(clean, samples);
      await task.step(
        done,
        steps,
        images.map((image, k) => ({ seed: (seed + k) % 2 ** 32, image })),
      );
    },
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
