import { DEFAULT_BACKBONE } from '../../backbones/index.js';
import { InputError } from '../../errors.js';
import { initInverter } from '../../inversion/init-inverter.js';
import { defaulted, defineCommand, flag, optional, required } from '../command.js';
import { integer, text } from '../option-parsers.js';

export const command = defineCommand({
  description:
    'Makes an untrained inverter: the ControlNet is a copy of the base model’s encoder whose ' +
    'convolutions back into it are zero, the hint encoder is new. It loads and samples like a trained ' +
    'one, without looking at the map yet; `featinv train` trains inverters.',
  options: {
    base: required('--base <dir>', 'base model; `featinv models` lists them', text),
    backbone: defaulted(
      '--backbone <id>',
      'classifier whose maps it reads',
      text,
      DEFAULT_BACKBONE,
    ),
    layer: optional('--layer <name>', 'layer of the maps (default: the last one)', text),
    pooled: flag('--pooled', 'read the map’s mean over positions only'),
    hintWidth: defaulted(
      '--hint-width <n>',
      'channels of the hint encoder’s first layer',
      integer(1, 4096),
      96,
    ),
  },
  writes: 'directory',
  examples: [
    'featinv init --base models/bases/tiny --layer blocks.10 --out runs/untrained',
    'featinv init --base models/bases/tiny --backbone mobilenet_v1_025 --pooled --out runs/pooled',
  ],
  async run({ options, context }) {
    const { seed = 0, out } = context.common;
    if (out === undefined) {
      throw new InputError('--out must name the folder to make, such as --out runs/untrained');
    }
    const directory = await context.outputDirectory(out);
    const made = await initInverter(directory, { ...options, seed });
    const { backbone, layer, mapShape, pooled } = made;
    context.report({ directory, base: options.base, ...made }, () =>
      [
        `${directory}: untrained inverter of ${pooled ? 'pooled ' : ''}maps [${mapShape.join(',')}]`,
        `layer ${layer} of ${backbone}, on the base model ${options.base}`,
        `try it: featinv reconstruct my.jpg --model ${directory}`,
      ].join('\n'),
    );
  },
});
