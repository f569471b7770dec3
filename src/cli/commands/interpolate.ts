import path from 'node:path';
import { ensureWritableDirectory } from '../../files.js';
import { animationFormat, checkAnimationSize, writeAnimation } from '../../images/animation.js';
import { readImage } from '../../images/read-image.js';
import { mix } from '../../composition/mix.js';
import { InputError } from '../../errors.js';
import { defaulted, defineCommand, flag } from '../command.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { choice, integer, real } from '../option-parsers.js';
import { SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';

export const command = defineCommand({
  description:
    'Writes an animation from one picture to the next through the classifier’s feature space: the maps ' +
    'between two pictures’ maps, drawn from the same noise. OUT ends in .gif or .webp (default: ' +
    'interpolation.gif).',
  positionals: '<images...>',
  options: {
    frames: defaulted('--frames <n>', 'steps from each picture to the next', integer(1, 500), 12),
    op: defaulted('--op <name>', 'lerp, or slerp: on a circle', choice(['lerp', 'slerp']), 'slerp'),
    rate: defaulted('--rate <n>', 'pictures a second', real(0.1, 50), 10),
    side: defaulted('--side <n>', 'pixels of the animation', integer(16, 2048), 256),
    oneWay: flag('--one-way', 'jump from the last picture to the first instead of going back'),
    ...SAMPLING_OPTIONS,
  },
  writes: 'file',
  examples: [
    'featinv interpolate photos/cat.jpg photos/red-panda.jpg --out cats.gif',
    'featinv interpolate a.jpg b.jpg c.jpg --frames 24 --rate 20 --out tour.webp',
  ],
  async run({ args, options, context }) {
    const { seed, out = 'interpolation.gif' } = context.common;
    const { frames, op, rate, side, oneWay } = options;
    animationFormat(out);
    if (args.length < 2) {
      throw new InputError(`interpolate takes two pictures or more, got ${args.length}`);
    }
    const legs = args.length - 1;
    checkAnimationSize(oneWay ? legs * frames + 1 : 2 * legs * frames, side);
    await ensureWritableDirectory(path.dirname(out), '--out');
    const images = [];
    for (const file of args) images.push(await readImage(file));
    const inverter = await openInverter(context);
    const sampling = samplingOf(inverter, options);
    tellMemory(context, inverter, 1, sampling);
    const progress = context.progress('interpolate', { total: legs * frames + 1, unit: 'frames' });
    const pictures = [];
    for (let leg = 0; leg < legs; leg++) {
      // The end of a leg is the start of the next.
      const count = leg === legs - 1 ? frames + 1 : frames;
      const mixed = await mix(inverter, [images[leg]!, images[leg + 1]!], {
        op,
        alphas: Array.from({ length: count }, (_, i) => i / frames),
        seed,
        sampling,
        session: context.session,
        onProgress: ({ done, step }) => progress.update(leg * frames + done, step),
      });
      pictures.push(...mixed.frames.map(({ samples }) => samples[0]!.image));
    }
    await inverter.dispose();
    await writeAnimation(out, pictures, { rate, side, thereAndBack: !oneWay });
    progress.finish();
    const record = { images: args, output: out, frames: pictures.length, op, rate, sampling };
    context.report(record, `${pictures.length} pictures written to ${out}`);
  },
});
