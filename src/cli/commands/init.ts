import { DEFAULT_BACKBONE } from '../../backbones/index.js';
import { InputError } from '../../errors.js';
import { initInverter } from '../../inversion/init-inverter.js';
import { defaulted, defineCommand, flag, optional, required } from '../command.js';
import { integer, text } from '../option-parsers.js';

export const command = defineCommand({
  description:
    'Makes an untrained inverter: the ControlNet is a copy of the base model’s encoder whose ' +
    'convolutions back into it are zero, the hint encoder is new. It loads and samples like a trained ' +
    'one, without looking at the map yet; `featinv train` trains inverters. With --control-net the folder ' +
    'holds a trained ControlNet.',
  options: {
    base: required(
      '--base <path>',
      'base model: a folder, also of diffusers, or a Stable Diffusion v1 checkpoint',
      text,
    ),
    backbone: defaulted(
      '--backbone <id>',
      'classifier whose maps it reads',
      text,
      DEFAULT_BACKBONE,
    ),
    layer: optional('--layer <name>', 'layer of the maps (default: the last one)', text),
    pooled: flag('--pooled', 'read the map’s mean over positions only'),
    hintWidth: optional(
      '--hint-width <n>',
      'channels of the hint encoder (default: 512 for Stable Diffusion, 96 for tiny models)',
      integer(1, 4096),
    ),
    controlNet: optional(
      '--control-net <file>',
      'trained ControlNet to take instead of a fresh one, such as the authors’',
      text,
    ),
    imageSize: optional(
      '--image-size <n>',
      'side of a checkpoint’s images in pixels (default: 256 for miniSD, else 512)',
      integer(64, 2048),
    ),
    averaged: flag('--ema', 'take a checkpoint’s averaged weights instead of the plain ones'),
  },
  writes: 'directory',
  examples: [
    'featinv init --base models/bases/tiny --layer blocks.10 --out runs/untrained',
    'featinv init --base models/bases/tiny --backbone mobilenet_v1_025 --pooled --out runs/pooled',
    'featinv init --base miniSD.ckpt --backbone resnet50.a1_in1k --out runs/resnet50',
  ],
  async run({ options, context }) {
    const { seed = 0, out } = context.common;
    if (out === undefined) {
      throw new InputError('--out must name the folder to make, such as --out runs/untrained');
    }
    const directory = await context.outputDirectory(out);
    const { averaged, imageSize, ...settings } = options;
    const baseOptions = { ...(averaged && { averaged }), ...(imageSize && { imageSize }) };
    const made = await initInverter(directory, { ...settings, baseOptions, seed });
    const { backbone, layer, mapShape, pooled } = made;
    context.report({ directory, base: options.base, ...made }, () =>
      [
        `${directory}: ${options.controlNet ? '' : 'untrained '}inverter of ${pooled ? 'pooled ' : ''}maps [${mapShape.join(',')}]`,
        `layer ${layer} of ${backbone}, on the base model ${options.base}`,
        `try it: featinv reconstruct my.jpg --model ${directory}`,
      ].join('\n'),
    );
  },
});
