/** Photographs, and models in folders of their own, that all machines can read: a list of names and hashes, and the files below one key. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../checkpoints/file-hash.js';
import { WorkError } from '../errors.js';
import { nameIn } from '../evaluation/index.js';
import { parseConfig } from '../parse-config.js';
import type { Storage } from '../storage/index.js';

const listSchema = z.strictObject({
  /** Key of the folder that the names are in. */
  folder: z.string(),
  files: z.array(z.strictObject({ name: z.string(), sha256: z.string() })).min(1),
});

/** A folder, and files in it. */
export interface LocalFiles {
  readonly root: string;
  readonly files: readonly string[];
}

/**
 * Copies files into the storage, once for each content, unless they lie there already. Returns the key of their list,
 * which depends on their names and bytes only.
 */
export async function shareFiles(
  storage: Storage,
  kind: 'images' | 'models',
  { root, files }: LocalFiles,
): Promise<string> {
  const listed: { name: string; sha256: string }[] = [];
  for (const file of files)
    listed.push({ name: nameIn(root, file), sha256: await sha256OfFile(file) });
  const digest = createHash('sha256').update(JSON.stringify(listed)).digest('hex').slice(0, 32);
  const folder = `${kind}/${digest}`;
  const key = `${folder}.json`;
  if (await storage.has(key)) return key;
  const present = new Set(await storage.list(`${folder}/`));
  for (const [i, file] of files.entries()) {
    const target = `${folder}/${listed[i]!.name}`;
    if (!present.has(target)) await storage.upload(target, file);
  }
  // Last: where the list is, all files are.
  await storage.write(key, JSON.stringify({ folder, files: listed }));
  return key;
}

/** Files of any folders below the last one that holds them all. */
export function commonRoot(files: readonly string[]): LocalFiles {
  const absolute = files.map((file) => path.resolve(file));
  let root = path.dirname(absolute[0]!);
  while (!absolute.every((file) => file.startsWith(path.join(root, path.sep)))) {
    root = path.dirname(root);
  }
  return { root, files: absolute };
}

/** Local files that may have to be fetched first. */
export interface SharedFiles extends LocalFiles {
  /** Makes sure that a file is here and what it was. */
  readonly fetch: (file: string) => Promise<void>;
}

export async function openSharedFiles(storage: Storage, key: string): Promise<SharedFiles> {
  const source = `${key} in ${storage.url}`;
  const list = parseConfig(
    listSchema,
    JSON.parse(new TextDecoder().decode(await storage.read(key))),
    source,
  );
  const first = list.files[0]!.name;
  const here = await storage.localFile(`${list.folder}/${first}`);
  const root = here.slice(0, here.length - path.normalize(`/${first}`).length);
  const byFile = new Map(list.files.map((file) => [path.join(root, file.name), file]));
  const checked = new Map<string, Promise<void>>();
  const fetch = async (file: string): Promise<void> => {
    const { name, sha256 } = byFile.get(file)!;
    const local = await storage.localFile(`${list.folder}/${name}`);
    if ((await sha256OfFile(local)) !== sha256) {
      // Not the file's fault: it must not count as one that cannot be read.
      throw new WorkError(`${name} in ${storage.url} has changed since the work was submitted`);
    }
  };
  return {
    ...{ root, files: [...byFile.keys()] },
    fetch: (file) => {
      const known = checked.get(file) ?? fetch(file);
      checked.set(file, known);
      known.catch(() => checked.delete(file));
      return known;
    },
  };
}
