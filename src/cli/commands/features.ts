import path from 'node:path';
import {
  findLayer,
  normalisePixels,
  preprocessPhotograph,
  type Backbone,
  type OpenOptions,
} from '../../backbones/index.js';
import { writeSafetensors } from '../../checkpoints/safetensors.js';
import { InputError } from '../../errors.js';
import { ensureWritableDirectory } from '../../files.js';
import { readImage } from '../../images/read-image.js';
import { centreSquare } from '../../images/resize.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { BACKBONE_OPTIONS, backboneOf } from '../backbone-options.js';
import { defineCommand, optional } from '../command.js';
import { integer, text } from '../option-parsers.js';

/** Values in [-1, 1] are normalised as a mean and deviation of one half do. */
const HALF = [0.5, 0.5, 0.5] as const;

export const command = defineCommand({
  description:
    'Writes the feature map of one picture at one layer: the tensor `features`, [1, channels, height, ' +
    'width], which `featinv reconstruct --features` takes. The tiny inverters see pictures of 64 ' +
    'pixels: give --size 64 to make maps for them.',
  positionals: '<image>',
  options: {
    ...BACKBONE_OPTIONS,
    layer: optional('--layer <name>', 'layer of the map (default: the last one)', text),
    size: optional(
      '--size <pixels>',
      'shrink the middle square to this side first (default: the classifier’s own crop)',
      integer(16, 4096),
    ),
  },
  writes: 'file',
  examples: [
    'featinv features photos/cat.jpg --out chelsea.safetensors',
    'featinv features photos/cat.jpg --layer blocks.10 --size 64 --out chelsea.safetensors',
  ],
  async run({ args, options, context }) {
    const [image] = args as [string];
    const { out } = context.common;
    if (out === undefined) {
      throw new InputError(
        '--out must name the .safetensors file to write, such as --out map.safetensors',
      );
    }
    if (options.size !== undefined && options.preprocessing !== 'own') {
      throw new InputError(
        '--preprocessing says how the classifier’s own crop is made, which --size replaces: give one of them',
      );
    }
    await ensureWritableDirectory(path.dirname(out), '--out');
    const backbone = await backboneOf(options);
    const layer = findLayer(backbone, options.layer ?? backbone.defaultLayer);
    const picture = await readImage(image);
    const features = await readMap(backbone, picture, options.size, {
      layer: layer.name,
      ...context.session,
    });
    const shape = [1, ...layer.shape];
    await writeSafetensors(out, new Map([['features', { shape, data: features }]]), {
      metadata: {
        backbone: backbone.id,
        layer: layer.name,
        image: path.basename(image),
        ...(options.size === undefined ? {} : { size: String(options.size) }),
      },
    });
    const result = { image, backbone: backbone.id, layer: layer.name, shape, out };
    context.report(result, `${out}: features [${shape.join(',')}] of ${image} at ${layer.name}`);
  },
});

async function readMap(
  backbone: Backbone,
  picture: RgbImage,
  size: number | undefined,
  options: OpenOptions,
): Promise<Float32Array> {
  const imageSize = size === undefined ? undefined : ([size, size] as const);
  const session = await backbone.open({ ...options, imageSize });
  const images =
    size === undefined
      ? preprocessPhotograph(picture, backbone.preprocessing)
      : normalisePixels(centreSquare(picture, size), { mean: HALF, std: HALF });
  const { map } = await session.run(images);
  await session.dispose();
  return map;
}
