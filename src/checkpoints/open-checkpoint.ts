import { InputError } from '../errors.js';
import type { CheckpointFile } from './checkpoint-file.js';
import { openCheckpointIndex } from './checkpoint-index.js';
import { withFile } from './open-file.js';
import { readLegacyCheckpoint } from './pickle/legacy-checkpoint.js';
import { openPickled } from './pickle/pickled-checkpoint.js';
import { readZipCheckpoint } from './pickle/zip-checkpoint.js';
import { openSafetensors } from './safetensors.js';

export type CheckpointFormat = 'safetensors' | 'index' | 'PyTorch zip' | 'PyTorch legacy';

export interface OpenedCheckpoint extends CheckpointFile {
  readonly format: CheckpointFormat;
  /** Keys around the state dict of a PyTorch file, such as `['state_dict']`; they are not in the names. */
  readonly wrappers: readonly string[];
  /** Tensors of a PyTorch file beside the state dict, such as an optimiser's: they are no entries. */
  readonly outside: number;
}

export interface OpenCheckpointOptions {
  /**
   * Whether a state dict is taken out of `state_dict`, `model` and the like. False gives all tensors of
   * a PyTorch file, named from its root. Default true.
   */
  readonly unwrap?: boolean;
}

/** Bytes that tell the formats apart. */
const HEAD_BYTES = 512;
const TAR_MAGIC_AT = 257;

/**
 * Opens a checkpoint of any format, chosen by content: safetensors, either format of PyTorch,
 * whose pickles are read as data and never run, or an index of files of these. Throws InputError naming the
 * file when it is none of these, is damaged, or asks for anything but tensors.
 *
 * @example
 * const file = openCheckpoint('sd-v1-5.ckpt');
 * file.entries.get('cond_stage_model.transformer.text_model.embeddings.position_ids');
 */
export function openCheckpoint(
  path: string,
  options: OpenCheckpointOptions = {},
): OpenedCheckpoint {
  const format = detectFormat(path);
  switch (format) {
    case 'safetensors':
      return { ...openSafetensors(path), format, wrappers: [], outside: 0 };
    case 'index':
      return { ...openIndex(path, options), format, wrappers: [], outside: 0 };
    case 'PyTorch zip':
      return { ...openPickled(path, readZipCheckpoint, options), format };
    case 'PyTorch legacy':
      return { ...openPickled(path, readLegacyCheckpoint, options), format };
  }
}

function openIndex(path: string, options: OpenCheckpointOptions): CheckpointFile {
  return openCheckpointIndex(path, (shard) => {
    const opened = openCheckpoint(shard, options);
    if (opened.format !== 'index') return opened;
    throw new InputError(`${path} names ${shard}, which is an index itself`);
  });
}

function detectFormat(path: string): CheckpointFormat {
  return withFile(path, (file) => {
    const head = file.read(0, Math.min(HEAD_BYTES, file.byteLength));
    const text = head.toString('latin1');
    if (text.startsWith('PK\x03\x04')) return 'PyTorch zip';
    if (head.length > 8 && text[8] === '{' && head.readBigUInt64LE() < file.byteLength) {
      return 'safetensors';
    }
    if (text.trimStart().startsWith('{')) return 'index';
    const other = otherKind(text);
    if (other !== undefined) throw new InputError(`${path} is no checkpoint: ${other}`);
    if (text.startsWith('\x80') || /\.(ckpt|pth?|bin|pkl)$/.test(path)) return 'PyTorch legacy';
    if (path.endsWith('.safetensors')) return 'safetensors';
    throw new InputError(
      `${path} is no checkpoint: it begins like none of safetensors, an index of files and PyTorch’s .ckpt, .pt and .pth`,
    );
  });
}

/** What is often found in place of a checkpoint. */
function otherKind(head: string): string | undefined {
  if (head.startsWith('ustar', TAR_MAGIC_AT)) {
    return 'it is a tar archive, as PyTorch 0.1 wrote them; load it with PyTorch and save its state_dict() again';
  }
  if (head.startsWith('version https://git-lfs')) {
    return 'it is a pointer of Git LFS in place of the file; fetch the file itself with "git lfs pull"';
  }
  return undefined;
}
