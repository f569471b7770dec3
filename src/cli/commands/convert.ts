import { stat } from 'node:fs/promises';
import path from 'node:path';
import { stripPrefix, type CheckpointMetadata } from '../../checkpoints/checkpoint-file.js';
import { convertCheckpoint } from '../../checkpoints/convert-checkpoint.js';
import { openCheckpoint } from '../../checkpoints/open-checkpoint.js';
import { InputError } from '../../errors.js';
import { ensureWritableDirectory } from '../../files.js';
import { defineCommand, flag, optional } from '../command.js';
import { choice, text } from '../option-parsers.js';

export const command = defineCommand({
  description:
    'Writes the tensors of a checkpoint of any format as one safetensors file, which is mapped and ' +
    'cannot hold code. Tensors are written one at a time, so that large files need little memory.',
  positionals: '<file>',
  options: {
    dtype: optional(
      '--dtype <type>',
      'F32 or F16 for all floating-point tensors (default: as they are stored)',
      choice(['F32', 'F16']),
    ),
    stripPrefix: optional(
      '--strip-prefix <text>',
      'keep only names that begin so, without it, such as module.',
      text,
    ),
    all: flag('--all', 'also what stands beside the state dict, named from the root'),
  },
  writes: 'file',
  examples: [
    'featinv convert sd-v1-5.ckpt --out sd-v1-5.safetensors --dtype F16',
    'featinv convert model.pth --strip-prefix module. --out model.safetensors',
  ],
  async run({ args, options, context }) {
    const [source] = args as [string];
    const { out } = context.common;
    if (out === undefined) {
      throw new InputError(
        '--out must name the .safetensors file to write, such as --out model.safetensors',
      );
    }
    await ensureWritableDirectory(path.dirname(out), '--out');
    const opened = openCheckpoint(source, { unwrap: !options.all });
    const file =
      options.stripPrefix === undefined ? opened : stripPrefix(opened, options.stripPrefix);
    const tensors = file.entries.size;
    const progress = context.progress('convert', { total: tensors, unit: 'tensors' });
    await convertCheckpoint(file, out, {
      dtype: options.dtype,
      metadata: opened.format === 'safetensors' ? texts(opened.metadata) : {},
      onTensor: (done) => progress.update(done),
    });
    progress.finish();
    const { size: bytes } = await stat(out);
    const result = { file: source, format: opened.format, out, tensors, bytes };
    context.report(
      result,
      `${out}: ${tensors} tensors of ${source}, ${(bytes / 1e6).toFixed(1)} MB`,
    );
  },
});

/** What safetensors keep beside tensors; the numbers of other formats belong to their training. */
function texts(metadata: CheckpointMetadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]));
}
