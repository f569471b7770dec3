import { stat } from 'node:fs/promises';
import type { Storage } from '../../src/storage/index.js';

/** A storage that counts what goes through it; names and listings are not counted. */
export class CountedStorage implements Storage {
  bytesRead = 0;
  bytesWritten = 0;

  constructor(private readonly storage: Storage) {}

  get url(): string {
    return this.storage.url;
  }

  has(key: string): Promise<boolean> {
    return this.storage.has(key);
  }

  list(folder: string): Promise<string[]> {
    return this.storage.list(folder);
  }

  async read(key: string): Promise<Uint8Array> {
    const bytes = await this.storage.read(key);
    this.bytesRead += bytes.length;
    return bytes;
  }

  write(key: string, bytes: Uint8Array | string): Promise<void> {
    this.bytesWritten += Buffer.byteLength(bytes);
    return this.storage.write(key, bytes);
  }

  async upload(key: string, file: string): Promise<void> {
    this.bytesWritten += (await stat(file)).size;
    await this.storage.upload(key, file);
  }

  remove(key: string): Promise<void> {
    return this.storage.remove(key);
  }

  async localFile(key: string): Promise<string> {
    const file = await this.storage.localFile(key);
    this.bytesRead += (await stat(file)).size;
    return file;
  }
}
