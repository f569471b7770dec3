import { DEFAULT_BACKBONE, loadBackbone, type Backbone } from '../backbones/index.js';
import { defaulted, type OptionValues } from './command.js';
import { choice, text } from './option-parsers.js';

/** Which classifier, and how it sees photographs, for every command that only reads one. */
export const BACKBONE_OPTIONS = {
  backbone: defaulted(
    '--backbone <name|name=file|file.onnx>',
    'classifier to read; `featinv models` lists them',
    text,
    DEFAULT_BACKBONE,
  ),
  preprocessing: defaulted<'own' | 'featinv'>(
    '--preprocessing <how>',
    'own: as the classifier was evaluated; featinv: as the paper’s authors do, the whole short side bilinearly',
    choice(['own', 'featinv']),
    'own',
  ),
};

/** The backbone that the options name. Throws InputError like `loadBackbone`. */
export function backboneOf(options: OptionValues<typeof BACKBONE_OPTIONS>): Promise<Backbone> {
  const { backbone, preprocessing } = options;
  return loadBackbone(backbone, { preprocessing });
}
