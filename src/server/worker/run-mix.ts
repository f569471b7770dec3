import { mix } from '../../composition/mix.js';
import { topIndices } from '../../metrics/index.js';
import type { MixResult, Prediction } from '../api.js';
import type { WorkOf } from './messages.js';
import { openPicture } from './open-picture.js';
import type { Task } from './task.js';

/** A picture of a map that was made of two pictures' maps. */
export async function runMix({ request, a, b }: WorkOf<'mix'>, task: Task): Promise<MixResult> {
  const { inverter, session } = task;
  const { operation, alpha, region, samples, seed, sampling, every } = request;
  const pictures = [await openPicture(a), await openPicture(b)];
  const mixed = await mix(inverter, pictures, {
    op: operation,
    alphas: [alpha],
    region: region && { kind: 'box', ...region },
    samples,
    seed,
    sampling,
    session,
    onStep: (info, seeds) => task.step(info, { role: 'drawn', seeds, every }),
  });
  const [frame] = mixed.frames;
  const top5 = (probabilities: Float64Array): Prediction[] =>
    topIndices(probabilities, 5).map((index) => ({
      index,
      label: inverter.backbone.labels[index] ?? `class ${index}`,
      probability: probabilities[index]!,
    }));
  const parents: MixResult['parents'][number][] = [];
  for (const [i, picture] of mixed.pictures.entries()) {
    const image = await task.keep(['a', 'b'][i]!, picture);
    parents.push({ image, top5: top5(mixed.seen[i]!) });
  }
  const outputs: MixResult['outputs'][number][] = [];
  for (const { seed: drawn, image, cosine, probabilities } of frame!.samples) {
    outputs.push({
      seed: drawn,
      image: await task.keep(`mixed-${drawn}`, image),
      cosine,
      top5: top5(probabilities),
    });
  }
  return {
    kind: 'mix',
    parents,
    predicted: frame!.predicted && top5(frame!.predicted),
    outputs,
    seconds: task.seconds(),
  };
}
