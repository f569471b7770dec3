import { readFile } from 'node:fs/promises';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';

/** Where the queue is. Secrets are in `options` only. */
export interface QueueAddress {
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    /** Present where the connection is encrypted; certificates are checked. */
    readonly tls?: object;
  };
  /** For people and logs: without user and password. */
  readonly shown: string;
}

/** What of the environment says where the queue is and who may use it. */
export interface QueueEnvironment {
  readonly FEATINV_QUEUE?: string | undefined;
  readonly FEATINV_QUEUE_PASSWORD?: string | undefined;
  readonly FEATINV_QUEUE_PASSWORD_FILE?: string | undefined;
}

/**
 * Reads `redis://[user@]host[:port][/database]` or `rediss://…` (TLS), from `--queue` or FEATINV_QUEUE. A password
 * comes from the environment or a file: every user of a machine can read the command lines of all.
 */
export async function readQueueAddress(
  given: string | undefined,
  environment: QueueEnvironment = process.env,
): Promise<QueueAddress> {
  const text = given ?? environment.FEATINV_QUEUE;
  const source = given === undefined ? 'FEATINV_QUEUE' : '--queue';
  if (text === undefined || text === '') {
    throw new InputError(
      '--queue is missing: the address of the queue, such as redis://localhost:6379',
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new InputError(
      `${source} must be an address such as redis://localhost:6379 (rediss:// with TLS), got "${withoutSecrets(text)}"`,
    );
  }
  const database = url.pathname.replace(/^\//, '');
  if (!/^\d*$/.test(database)) {
    throw new InputError(`${source}: the database after / must be a number, got "${database}"`);
  }
  if (given !== undefined && url.password !== '') {
    throw new InputError(
      '--queue must not hold a password, which others on this machine could read: put it into ' +
        'FEATINV_QUEUE_PASSWORD, or into a file that FEATINV_QUEUE_PASSWORD_FILE names',
    );
  }
  const password = (await readPassword(environment)) ?? decodeURIComponent(url.password);
  const port = url.port === '' ? 6379 : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    options: {
      ...{ host, port, db: Number(database) },
      ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
      ...(password !== '' && { password }),
      ...(url.protocol === 'rediss:' && { tls: {} }),
    },
    shown: `${url.protocol}//${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
  };
}

async function readPassword({
  FEATINV_QUEUE_PASSWORD: password,
  FEATINV_QUEUE_PASSWORD_FILE: file,
}: QueueEnvironment): Promise<string | undefined> {
  if (password !== undefined) return password;
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(
      `FEATINV_QUEUE_PASSWORD_FILE: cannot read ${file}: ${fileErrorReason(error)}`,
    );
  });
  return text.replace(/\r?\n$/, '');
}

const withoutSecrets = (text: string): string => text.replace(/^.*@/, '…@');
