/** Results of a unit in the storage: files, and last of all a receipt with their hashes. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../checkpoints/file-hash.js';
import { InputError } from '../errors.js';
import { parseConfig } from '../parse-config.js';
import type { Storage } from '../storage/index.js';

const receiptSchema = z.strictObject({
  /** SHA-256 in hexadecimal, by the file's name in the folder of the results. */
  files: z.record(z.string(), z.string()),
});

/** Where it is, the unit is done. */
export const receiptName = (unit: number): string =>
  `receipts/${String(unit).padStart(5, '0')}.json`;

/** Puts files of a local folder, which have the same names there, into the storage. */
export async function deliver(
  storage: Storage,
  results: string,
  unit: number,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const files: Record<string, string> = {};
  for (const name of names) {
    const file = path.join(folder, name);
    files[name] = await sha256OfFile(file);
    await storage.upload(`${results}/${name}`, file);
  }
  await storage.write(`${results}/${receiptName(unit)}`, JSON.stringify({ files }));
}

/**
 * Fetches the files of units and passes them on by name. Units that are damaged, or that `accept` throws an InputError
 * for, lose their receipt and so count as never done: returns why, once for each.
 */
export async function collectUnits(
  storage: Storage,
  results: string,
  units: Iterable<number>,
  accept: (unit: number, files: ReadonlyMap<string, Uint8Array>) => Promise<void>,
): Promise<string[]> {
  const refused: string[] = [];
  for (const unit of units) {
    const receipt = `${results}/${receiptName(unit)}`;
    try {
      await accept(unit, await fetchFiles(storage, results, receipt));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused.push(error.message);
      await storage.remove(receipt);
    }
  }
  return refused;
}

async function fetchFiles(
  storage: Storage,
  results: string,
  receipt: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const fetched = new Map<string, Uint8Array>();
  for (const [name, sha256] of Object.entries(await readReceipt(storage, receipt))) {
    fetched.set(name, await readChecked(storage, `${results}/${name}`, sha256));
  }
  return fetched;
}

/** One file of a unit. Throws InputError where the unit is not done, or the file is not what was delivered. */
export async function readDelivered(
  storage: Storage,
  results: string,
  unit: number,
  name: string,
): Promise<Uint8Array> {
  const receipt = `${results}/${receiptName(unit)}`;
  const sha256 = (await readReceipt(storage, receipt))[name];
  if (sha256 === undefined) throw new InputError(`${receipt} in ${storage.url} lacks ${name}`);
  return readChecked(storage, `${results}/${name}`, sha256);
}

async function readReceipt(storage: Storage, key: string): Promise<Record<string, string>> {
  return parseConfig(receiptSchema, parseJson(await storage.read(key), key), key).files;
}

async function readChecked(storage: Storage, key: string, sha256: string): Promise<Uint8Array> {
  const bytes = await storage.read(key);
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
  throw new InputError(`${key} in ${storage.url} is not what was delivered`);
}

/** Throws InputError for bytes that are no JSON. */
export function parseJson(bytes: Uint8Array, source: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError(`${source} is damaged: it is no valid JSON`, { cause: error });
  }
}
