import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CheckpointFile } from '../../checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import { decodeSafetensors, writeSafetensors } from '../../checkpoints/safetensors.js';
import { InputError } from '../../errors.js';
import { inTemporaryFolder, writeAtomic } from '../../files.js';
import type { Storage } from '../../storage/index.js';
import { findNonFinite } from '../../training/gradient-buffer.js';
import { deliver, readDelivered, receiptName } from '../receipts.js';

/** A part of the work whose file is missing, damaged, of other shapes or not finite. */
export class DamagedPart extends InputError {
  constructor(
    readonly unit: number,
    cause: InputError,
  ) {
    super(cause.message, { cause });
  }
}

/** A file to deliver: tensors, in single precision unless they say otherwise, or text. */
export type RoundFile =
  | { readonly name: string; readonly tensors: NamedTensors; readonly dtype?: 'F32' | 'F16' }
  | { readonly name: string; readonly text: string };

/** Where the parts of a run in rounds lie. */
export class RoundStore {
  constructor(
    private readonly storage: Storage,
    /** Key of the folder, without a slash at the end. */
    private readonly results: string,
  ) {}

  isDone(unit: number): Promise<boolean> {
    return this.storage.has(this.receipt(unit));
  }

  /**
   * What `use` makes of a file with tensors. Throws DamagedPart for one that is missing, is not what was delivered, has
   * values that are not finite, or that `use` throws an InputError for.
   */
  read<T>(unit: number, name: string, use: (file: CheckpointFile) => T): Promise<T> {
    return this.readBytes(unit, name, (bytes, source) => {
      const file = decodeSafetensors(source, bytes);
      for (const tensor of file.entries.keys()) {
        if (findNonFinite(new Map([[tensor, file.read(tensor)]])) !== undefined) {
          throw new InputError(`${source}: "${tensor}" has values that are not finite`);
        }
      }
      return use(file);
    });
  }

  /** As `read`, for a file that is no safetensors. */
  async readBytes<T>(
    unit: number,
    name: string,
    use: (bytes: Uint8Array, source: string) => T,
  ): Promise<T> {
    try {
      const bytes = await readDelivered(this.storage, this.results, unit, name);
      return use(bytes, `${this.results}/${name} in ${this.storage.url}`);
    } catch (error) {
      throw error instanceof InputError ? new DamagedPart(unit, error) : error;
    }
  }

  /** Puts a part's files here, unless somebody was faster: a late or doubled result changes nothing. */
  async deliver(unit: number, files: readonly RoundFile[]): Promise<void> {
    if (await this.isDone(unit)) return;
    await inTemporaryFolder(async (folder) => {
      for (const file of files) {
        const target = path.join(folder, file.name);
        await mkdir(path.dirname(target), { recursive: true });
        if ('text' in file) await writeAtomic(target, file.text);
        else await writeSafetensors(target, file.tensors, { dtype: file.dtype ?? 'F32' });
      }
      const names = files.map(({ name }) => name);
      await deliver(this.storage, this.results, unit, folder, names);
    });
  }

  /** Makes a part count as never done. */
  forget(unit: number): Promise<void> {
    return this.storage.remove(this.receipt(unit));
  }

  /** Removes files of parts that stay done. */
  async discard(names: readonly string[]): Promise<void> {
    for (const name of names) await this.storage.remove(`${this.results}/${name}`);
  }

  private receipt(unit: number): string {
    return `${this.results}/${receiptName(unit)}`;
  }
}
