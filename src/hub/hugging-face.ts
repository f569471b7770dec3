import { HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { WorkError } from '../errors.js';
import { digestOf } from './digest.js';
import type { HubSettings } from './hub-settings.js';
import { connectionError, refusal, retryingFetch } from './network.js';
import { safePath, type RemoteFile } from './remote-file.js';

/** A model repository at one commit. */
export interface Repository {
  /** `owner/name`. */
  readonly name: string;
  readonly page: string;
  /** As its card says. */
  readonly licence: string | undefined;
  readonly files: readonly RemoteFile[];
}

/**
 * What a model repository on Hugging Face holds. Throws InputError where it does not exist or is closed to
 * the user, WorkError where Hugging Face cannot be reached.
 */
export async function readRepository(name: string, settings: HubSettings): Promise<Repository> {
  const { endpoint, token } = settings;
  const page = `${endpoint}/${name}`;
  const access = {
    hubUrl: endpoint,
    fetch: retryingFetch(settings.retry),
    ...(token !== undefined && { accessToken: token }),
  };
  try {
    const info = await modelInfo({ name, ...access, additionalFields: ['cardData', 'sha'] });
    const files: RemoteFile[] = [];
    const repo = { type: 'model', name } as const;
    for await (const entry of listFiles({ repo, recursive: true, revision: info.sha, ...access })) {
      if (entry.type !== 'file') continue;
      const path = safePath(entry.path, page);
      const digest = entry.lfs
        ? digestOf('sha256', entry.lfs.oid)
        : digestOf('git-sha1', entry.oid ?? '');
      if (!digest) throw new WorkError(`${page} gives no hash of ${path} to check it by`);
      files.push({
        url: `${page}/resolve/${info.sha}/${path.split('/').map(encodeURIComponent).join('/')}`,
        ...{ path, bytes: entry.size, digest, token, title: `${name}:${path}`, page },
      });
    }
    return { name, page, licence: licenceOf(info.cardData), files };
  } catch (error) {
    if (error instanceof WorkError) throw error;
    if (error instanceof HubApiError) {
      throw refusal(error.statusCode, `repository ${name}`, page, token);
    }
    if (error instanceof TypeError) throw connectionError(endpoint, error);
    throw new WorkError(`${endpoint} does not answer as Hugging Face does`, { cause: error });
  }
}

interface Card {
  readonly license?: string | readonly string[];
  readonly license_name?: string;
}

function licenceOf(card: Card | undefined): string | undefined {
  const licence = card?.license === 'other' ? card.license_name : card?.license;
  return typeof licence === 'string' ? licence : licence?.join(', ');
}
