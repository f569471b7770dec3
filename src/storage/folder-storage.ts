import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import { errorCode, InputError, WorkError } from '../errors.js';
import { ensureWritableDirectory, fileErrorReason, writeAtomic } from '../files.js';
import { checkKey } from './storage-key.js';
import type { Storage } from './storage.js';

/** A folder that all machines have mounted. */
export class FolderStorage implements Storage {
  private constructor(
    readonly url: string,
    readonly root: string,
  ) {}

  /** Throws InputError for a folder that cannot be written to. */
  static async open(folder: string): Promise<FolderStorage> {
    await ensureWritableDirectory(folder, '--storage');
    return new FolderStorage(folder, path.resolve(folder));
  }

  async has(key: string): Promise<boolean> {
    return stat(this.pathOf(key)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  async list(folder: string): Promise<string[]> {
    const directory = this.pathOf(folder.replace(/\/$/, ''));
    const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        if (errorCode(error) === 'ENOENT') return [];
        throw new WorkError(`cannot list ${directory}: ${fileErrorReason(error)}`);
      },
    );
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ parentPath, name }) =>
        path.relative(this.root, path.join(parentPath, name)).split(path.sep).join('/'),
      );
  }

  async read(key: string): Promise<Uint8Array> {
    return readFile(this.pathOf(key)).catch((error: unknown) => {
      throw this.notRead(key, error);
    });
  }

  async write(key: string, bytes: Uint8Array | string): Promise<void> {
    await writeAtomic(await this.place(key), bytes);
  }

  async upload(key: string, file: string): Promise<void> {
    const target = await this.place(key);
    const beside = path.join(path.dirname(target), `.${randomUUID()}.tmp`);
    try {
      const handle = await open(beside, 'wx');
      await pipeline(createReadStream(file), handle.createWriteStream({ flush: true }));
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true });
      throw new WorkError(`cannot copy ${file} to ${target}: ${fileErrorReason(error)}`);
    }
  }

  async remove(key: string): Promise<void> {
    const file = this.pathOf(key);
    await rm(file, { force: true }).catch((error: unknown) => {
      throw new WorkError(`cannot remove ${file}: ${fileErrorReason(error)}`);
    });
  }

  async localFile(key: string): Promise<string> {
    const file = this.pathOf(key);
    await stat(file).catch((error: unknown) => {
      throw this.notRead(key, error);
    });
    return file;
  }

  private notRead(key: string, error: unknown): Error {
    const message = `cannot read ${key} in ${this.url}: ${fileErrorReason(error)}`;
    return errorCode(error) === 'ENOENT' ? new InputError(message) : new WorkError(message);
  }

  private async place(key: string): Promise<string> {
    const file = this.pathOf(key);
    await mkdir(path.dirname(file), { recursive: true }).catch((error: unknown) => {
      throw new WorkError(`cannot create ${path.dirname(file)}: ${fileErrorReason(error)}`);
    });
    return file;
  }

  private pathOf(key: string): string {
    return path.join(this.root, ...checkKey(key).split('/'));
  }
}
