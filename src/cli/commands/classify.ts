import {
  classify,
  DEFAULT_BACKBONE,
  loadBackbone,
  type Prediction,
} from '../../backbones/index.js';
import { listImages } from '../../images/list-images.js';
import { readImage } from '../../images/read-image.js';
import { defaulted, defineCommand } from '../command.js';
import { text } from '../option-parsers.js';

export const command = defineCommand({
  description:
    'Names what pictures show: the five most probable classes of an ImageNet classifier, or of your ' +
    'own .onnx file (docs/backbones.md). Folders stand for the pictures in them.',
  positionals: '<images...>',
  options: {
    backbone: defaulted(
      '--backbone <name|name=file|file.onnx>',
      'classifier to ask; `featinv models` lists them',
      text,
      DEFAULT_BACKBONE,
    ),
  },
  examples: [
    'featinv classify photos/cat.jpg',
    'featinv classify photos --backbone mobilenet_v1_025 --json',
  ],
  async run({ args, options, context }) {
    const backbone = await loadBackbone(options.backbone);
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
