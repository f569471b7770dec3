/** Inverters that all machines can load: shipped ones by name, others from the storage by their content. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../checkpoints/file-hash.js';
import { findInverter, listInverters } from '../inversion/inverter-catalogue.js';
import { inverterFiles, readInverterConfig } from '../inversion/inverter-config.js';
import type { Storage } from '../storage/index.js';

export const sharedModelSchema = z.union([
  z.strictObject({ shipped: z.string() }),
  /** Key of a folder with `inverter/` and `base/`. */
  z.strictObject({ stored: z.string() }),
]);

export type SharedModel = z.infer<typeof sharedModelSchema>;

/** Copies an inverter's folder and its base model into the storage, once for each content; shipped ones have a name. */
export async function shareModel(
  storage: Storage,
  nameOrDirectory: string | undefined,
): Promise<SharedModel> {
  const directory = await findInverter(nameOrDirectory);
  const name = path.basename(directory);
  if ((await listInverters()).includes(name) && (await findInverter(name)) === directory) {
    return { shipped: name };
  }
  const config = await readInverterConfig(directory);
  const base = path.resolve(directory, config.base.path);
  const files = new Map([
    [`inverter/${inverterFiles.controlNet}`, path.join(directory, inverterFiles.controlNet)],
  ]);
  const isFolder = (await stat(base)).isDirectory();
  if (isFolder)
    for (const file of await filesBelow(base)) files.set(`base/${file}`, path.join(base, file));
  else files.set(`base/${path.basename(base)}`, base);
  const place = isFolder ? '../base' : `../base/${path.basename(base)}`;
  const text = JSON.stringify({ ...config, base: { ...config.base, path: place } });

  const hash = createHash('sha256').update(text);
  for (const [file, source] of files) hash.update(`${file}\0${await sha256OfFile(source)}\n`);
  const stored = `models/${hash.digest('hex').slice(0, 32)}`;
  const last = `${stored}/inverter/${inverterFiles.config}`;
  if (await storage.has(last)) return { stored };
  for (const [file, source] of files) await storage.upload(`${stored}/${file}`, source);
  await storage.write(last, text);
  return { stored };
}

/** What `loadInverter` finds the model by on this machine. */
export async function fetchModel(storage: Storage, model: SharedModel): Promise<string> {
  if ('shipped' in model) return model.shipped;
  for (const key of await storage.list(`${model.stored}/`)) await storage.localFile(key);
  const config = await storage.localFile(`${model.stored}/inverter/${inverterFiles.config}`);
  return path.dirname(config);
}

/** Names with `/`, sorted. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ parentPath, name }) => path.relative(directory, path.join(parentPath, name)))
    .map((name) => name.split(path.sep).join('/'))
    .sort();
}
