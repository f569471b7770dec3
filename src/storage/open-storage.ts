import path from 'node:path';
import { InputError } from '../errors.js';
import { featinvHome } from '../featinv-home.js';
import { FolderStorage } from './folder-storage.js';
import type { Storage } from './storage.js';

/** Opens `DIR` or `s3://BUCKET/PREFIX`. Throws InputError for what is neither. */
export async function openStorage(place: string): Promise<Storage> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(place)?.[1];
  if (scheme === undefined) return FolderStorage.open(place);
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (bucket === undefined) {
    throw new InputError(`--storage must be a folder or s3://BUCKET/PREFIX, got "${place}"`);
  }
  // Loaded when it is asked for: most never need it.
  const { S3Storage } = await import('./s3-storage.js');
  const folder = prefix.replace(/\/+$/, '');
  const cache = path.join(featinvHome(), 'storage');
  return new S3Storage({ bucket, prefix: folder === '' ? '' : `${folder}/` }, cache);
}
