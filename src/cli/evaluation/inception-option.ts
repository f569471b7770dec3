import { INCEPTION_FILE } from '../../evaluation/fid/index.js';
import { optional } from '../command.js';
import { text } from '../option-parsers.js';

/** For the commands that measure FID where its weights are known. */
export const INCEPTION_OPTION = optional(
  '--inception <file>',
  `weights for FID, ${INCEPTION_FILE} (default: where PyTorch and featinv keep them)`,
  text,
);
