import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { WorkError } from './errors.js';

/**
 * The directory that holds this package's package.json, models/ and photos/: found upwards from
 * this file, so that it is right in src/, in dist/ and when installed.
 */
export function packageRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(directory, 'package.json'))) {
    const parent = path.dirname(directory);
    if (parent === directory) throw new WorkError('featinv is not inside its package directory');
    directory = parent;
  }
  return directory;
}
