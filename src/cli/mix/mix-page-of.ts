import type { Mixed } from '../../composition/mix.js';
import { encodePng } from '../../images/png.js';
import { topIndices } from '../../metrics/index.js';
import type { ChartLine, MixPage } from '../../report/index.js';
import { shortLabel } from '../short-label.js';

export interface MixPageContext extends Pick<
  MixPage,
  'title' | 'operation' | 'settings' | 'commands'
> {
  /** Names of the pictures, for people. */
  readonly names: readonly string[];
  readonly labels: readonly string[];
}

/** Mean over the seeds of a frame's pictures. */
export const overSeeds = <Sample>(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
): number => samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;

/** The page of a mix: charts show means over seeds. */
export async function mixPageOf(mixed: Mixed, context: MixPageContext): Promise<MixPage> {
  const { pictures, seeds, frames } = mixed;
  const { names, labels, title, operation, settings, commands } = context;
  const followed = followedClasses(mixed);
  const classLines = (probability: (frame: Mixed['frames'][number], k: number) => number | null) =>
    followed.map((k): ChartLine => ({
      name: shortLabel(labels[k]!),
      values: frames.map((frame) => probability(frame, k)),
    }));
  return {
    title,
    operation,
    settings,
    commands,
    parents: await Promise.all(
      pictures.map(async (image, i) => ({ name: names[i]!, png: await encodePng(image) })),
    ),
    alphas: frames.map(({ alpha }) => alpha),
    rows: await Promise.all(
      seeds.map(async (seed, k) => ({
        seed,
        pngs: await Promise.all(frames.map(({ samples }) => encodePng(samples[k]!.image))),
      })),
    ),
    cosines: [
      {
        name: 'to the composed map',
        values: frames.map(({ samples }) => overSeeds(samples, ({ cosine }) => cosine.composed)),
      },
      ...names.map((name, i) => ({
        name: `to ${name}`,
        values: frames.map(({ samples }) => overSeeds(samples, ({ cosine }) => cosine.parents[i]!)),
      })),
    ],
    predicted: frames.some(({ predicted }) => predicted === null)
      ? []
      : classLines(({ predicted }, k) => predicted![k]!),
    measured: classLines(({ samples }, k) =>
      overSeeds(samples, ({ probabilities }) => probabilities[k]!),
    ),
  };
}

/** The first class of each given picture and of the map half-way. */
export function followedClasses({ seen, frames }: Mixed): number[] {
  const middle = frames[Math.floor(frames.length / 2)]?.predicted;
  const firsts = [...seen, ...(middle ? [middle] : [])].map((p) => topIndices(p, 1)[0]!);
  return [...new Set(firsts)];
}
