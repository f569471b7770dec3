import { writeAtomic } from '../files.js';
import type { CheckpointFile } from './checkpoint-file.js';
import { isFloat } from './dtypes.js';
import { floatBytes, safetensorsChunks, type TensorSource } from './safetensors-writer.js';

export interface ConvertOptions {
  /** Storage of floating-point tensors; whole numbers and truth values stay. Default: as they are. */
  readonly dtype?: 'F32' | 'F16' | undefined;
  /** Beside `format: pt`, which other programs ask for. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Called for each tensor that is about to be written, with the number of those so far. */
  readonly onTensor?: (done: number) => void;
}

/**
 * Writes the tensors of a checkpoint as safetensors, atomically and one at a time: the largest tensor
 * bounds the memory. Parts of a shared storage are written for each of their names. Throws WorkError
 * when a finite value exceeds float16, InputError when a tensor cannot be read.
 */
export async function convertCheckpoint(
  file: CheckpointFile,
  out: string,
  options: ConvertOptions = {},
): Promise<void> {
  const { dtype, metadata, onTensor } = options;
  let done = 0;
  const sources = [...file.entries].map(([name, entry]): [string, TensorSource] => {
    const target = dtype !== undefined && isFloat(entry.dtype) ? dtype : undefined;
    const bytes = (): Uint8Array => {
      const converted =
        target === undefined || target === entry.dtype
          ? file.readBytes(name)
          : floatBytes(name, file.read(name), target);
      onTensor?.(++done);
      return converted;
    };
    return [name, { dtype: target ?? entry.dtype, shape: entry.shape, bytes }];
  });
  await writeAtomic(out, safetensorsChunks(new Map(sources), { format: 'pt', ...metadata }));
}
