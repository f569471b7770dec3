/** The inverters that ship with the package, by name. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { packageRoot } from '../package-root.js';
import { inverterFiles } from './inverter-config.js';

/** The model whose pictures a stranger recognises. */
export const DEFAULT_INVERTER = 'lite0-14x14';

const inverterFolder = (): string => join(packageRoot(), 'models', 'inverters');

/** Names of the shipped inverters, the default first. */
export async function listInverters(): Promise<string[]> {
  const folder = inverterFolder();
  const names = existsSync(folder) ? await readdir(folder) : [];
  const shipped = names.filter((name) => existsSync(join(folder, name, inverterFiles.config)));
  return shipped.sort(
    (a, b) => Number(b === DEFAULT_INVERTER) - Number(a === DEFAULT_INVERTER) || (a < b ? -1 : 1),
  );
}

/** The folder of a shipped inverter or of one that the user names by its path. */
export async function findInverter(nameOrDirectory = DEFAULT_INVERTER): Promise<string> {
  const shipped = join(inverterFolder(), nameOrDirectory);
  if (/^[\w.-]+$/.test(nameOrDirectory) && existsSync(join(shipped, inverterFiles.config))) {
    return shipped;
  }
  if (existsSync(join(nameOrDirectory, inverterFiles.config))) return nameOrDirectory;
  const names = await listInverters();
  const near = nearest(nameOrDirectory, names);
  throw new InputError(
    `"${nameOrDirectory}" is neither a shipped inverter (${names.join(', ') || 'none'}) nor a folder with a ` +
      `${inverterFiles.config}${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}
