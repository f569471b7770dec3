import { classify, type Prediction } from '../../backbones/index.js';
import { listImages } from '../../images/list-images.js';
import { readImage } from '../../images/read-image.js';
import { BACKBONE_OPTIONS, backboneOf } from '../backbone-options.js';
import { defineCommand } from '../command.js';

export const command = defineCommand({
  description:
    'Names what pictures show: the five most probable classes of an ImageNet classifier, or of your ' +
    'own .onnx file (docs/backbones.md). Folders stand for the pictures in them.',
  positionals: '<images...>',
  options: BACKBONE_OPTIONS,
  examples: [
    'featinv classify photos/cat.jpg',
    'featinv classify photos --backbone mobilenet_v1_025 --json',
  ],
  async run({ args, options, context }) {
    const backbone = await backboneOf(options);
    const session = await backbone.open(context.session);
    const files = (await context.eachInput(args, listImages)).flat();
    const results = await context.eachInput(files, async (image) => ({
      image,
      top5: await classify(backbone, await readImage(image), session),
    }));
    await session.dispose();
    context.report(results, () =>
      results.map(({ image, top5 }) => [image, ...top5.map(line)].join('\n')).join('\n\n'),
    );
  },
});

function line({ index, label, probability }: Prediction): string {
  return `  ${(100 * probability).toFixed(1).padStart(5)} %  ${label} (${index})`;
}
