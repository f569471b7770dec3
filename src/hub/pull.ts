import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, WorkError } from '../errors.js';
import { ensureWritableDirectory } from '../files.js';
import type { Digest } from './digest.js';
import { downloadFile, isDownloaded } from './download-file.js';
import { hubSettings, type HubSettings } from './hub-settings.js';
import { planPull, type PullPlan } from './pull-plan.js';
import { parseSha256, pullTarget, type PullTarget } from './pull-target.js';
import { isComplete, readRecord, writeRecord, type PullRecord } from './pull-record.js';

export interface PullOptions {
  /** Default: those of the environment. */
  readonly settings?: HubSettings;
  /** Where to write instead of the usual place below `FEATINV_HOME`. */
  readonly folder?: string;
  /** Hash of a single file, as hexadecimal; addresses need it. */
  readonly sha256?: string;
  /** Called before anything is fetched. */
  readonly onPlan?: (plan: PullPlan) => void;
  /** How many bytes of all files are here. */
  readonly onProgress?: (here: number) => void;
  /** Stops the transfer; what has arrived stays for the next time. */
  readonly signal?: AbortSignal;
}

export interface Pulled extends PullRecord {
  readonly folder: string;
  /** Nothing had to be fetched. */
  readonly alreadyHere: boolean;
}

/**
 * Fetches a model once: `NAME` of `pullCatalogue`, `owner/repository` or `owner/repository:FILE` on Hugging
 * Face, or an address. Every file is checked against the hash that its source publishes. What is here
 * already is neither fetched nor looked up.
 *
 * @example
 * const { folder } = await pull('convnext_base.fb_in22k_ft_in1k');
 */
export async function pull(reference: string, options: PullOptions = {}): Promise<Pulled> {
  const target = pullTarget(reference);
  const { signal, settings: given = hubSettings() } = options;
  const settings = { ...given, retry: { ...given.retry, signal } };
  try {
    return await pullTo(target, settings, options);
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new WorkError(
      `fetching ${target.name} was cancelled; the next try goes on from what has arrived`,
      { cause: error },
    );
  }
}

async function pullTo(
  target: PullTarget,
  settings: HubSettings,
  options: PullOptions,
): Promise<Pulled> {
  const sha256 = options.sha256 === undefined ? undefined : parseSha256(options.sha256);
  const known = await findComplete(target, options.folder, sha256);
  if (known) return known;
  if (settings.offline) {
    throw new InputError(
      `${target.name} is not here (or not all of it), and --offline or HF_HUB_OFFLINE forbids to fetch it`,
    );
  }
  const plan = await planPull(target, { settings, folder: options.folder, sha256 });
  options.onPlan?.(plan);
  await ensureWritableDirectory(
    plan.folder,
    options.folder === undefined ? 'FEATINV_HOME' : '--out',
  );
  return fetchAll(plan, settings, options.onProgress ?? (() => undefined));
}

/** What an earlier `pull` of the same reference brought, if all of it is still there. */
export async function findPulled(reference: string): Promise<Pulled | undefined> {
  return findComplete(pullTarget(reference), undefined, undefined);
}

async function findComplete(
  { name, folders }: PullTarget,
  given: string | undefined,
  sha256: Digest | undefined,
): Promise<Pulled | undefined> {
  for (const folder of given === undefined ? Object.values(folders) : [given]) {
    const record = await readRecord(folder, name);
    if (record && (await isComplete(record, folder, sha256))) {
      return { ...record, folder, alreadyHere: true };
    }
  }
  return undefined;
}

async function fetchAll(
  plan: PullPlan,
  settings: HubSettings,
  onProgress: (here: number) => void,
): Promise<Pulled> {
  const files: PullRecord['files'][number][] = [];
  let done = 0;
  let alreadyHere = true;
  const earlier = await readRecord(plan.folder, plan.name);
  for (const file of plan.files) {
    const path = join(plan.folder, file.path);
    if (!(await isDownloaded(file, plan.folder))) {
      if (existsSync(path) && !earlier?.files.some((known) => known.path === file.path)) {
        throw new InputError(
          `${path} is in the way: it is not ${file.title}; move it, or choose another folder with --out`,
        );
      }
      await downloadFile(file, plan.folder, settings.retry, (here) => onProgress(done + here));
      alreadyHere = false;
    }
    const { size } = await stat(path);
    done += size;
    onProgress(done);
    const { algorithm, hex } = file.digest;
    files.push({ path: file.path, bytes: size, digest: `${algorithm}:${hex}` });
  }
  const { name, page, licence, folder } = plan;
  const record: PullRecord = { name, page, licence, files };
  await writeRecord(folder, record);
  return { ...record, folder, alreadyHere };
}
