/** HTTP that does not give up at the first hiccup, and says in words why it gives up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage, InputError, WorkError } from '../errors.js';

export interface RetryPolicy {
  /** Tries in a row without any progress. */
  readonly attempts: number;
  /** Wait after the first failure; each further one waits twice as long. */
  readonly firstDelayMs: number;
  /** Gives up at once when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export const PATIENT: RetryPolicy = { attempts: 6, firstDelayMs: 1000 };

/** Servers may ask for more patience than a person has. */
const LONGEST_DELAY_MS = 60_000;

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Failures that waiting seldom mends. */
const LASTING = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
]);

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known: is this machine online?',
  EAI_AGAIN: 'its name cannot be looked up: is this machine online?',
  ENETUNREACH: 'there is no way to it: is this machine online?',
  EHOSTUNREACH: 'there is no way to it: is this machine online?',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
};

const pause = (ms: number, { signal }: RetryPolicy): Promise<void> =>
  sleep(Math.min(ms, LONGEST_DELAY_MS), undefined, signal && { signal });

/** Waits after the `failures`-th failure in a row. */
export async function waitAfter(failures: number, policy: RetryPolicy): Promise<void> {
  await pause(policy.firstDelayMs * 2 ** (failures - 1), policy);
}

/**
 * Like `fetch`, but tries again while the server is busy or the connection breaks. A host that cannot be
 * reached at all is given up at once, except `underway`: then the network has worked a moment ago.
 */
export function retryingFetch(policy: RetryPolicy, underway = false): typeof fetch {
  const signal = policy.signal && { signal: policy.signal };
  return async (input, init) => {
    for (let failures = 1; ; failures++) {
      const last = failures === policy.attempts;
      const outcome = await fetch(input, { ...init, ...signal }).catch((error: unknown) => {
        if (last || policy.signal?.aborted || (!underway && LASTING.has(networkCode(error) ?? '')))
          throw error;
        return undefined;
      });
      if (outcome !== undefined && (last || !BUSY.has(outcome.status))) return outcome;
      const asked = Number(outcome?.headers.get('retry-after') ?? NaN) * 1000;
      await outcome?.body?.cancel();
      if (asked >= 0) await pause(asked, policy);
      else await waitAfter(failures, policy);
    }
  };
}

/** The code of what is behind `fetch failed`. */
function networkCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  // A host with several addresses fails with one error for each.
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return errorCode(cause) ?? errorCode(inner) ?? errorCode(error);
}

/** A failed connection as a WorkError; `url` is shown without its query, which may hold a signature. */
export function connectionError(url: string, error: unknown): WorkError {
  const code = networkCode(error);
  const reason = (code && REASONS[code]) ?? code ?? errorMessage(error);
  return new WorkError(`cannot reach ${new URL(url).host}: ${reason}`, { cause: error });
}

/** What an answer that is no success means for someone who asked for `what`, whose page is `page`. */
export function refusal(
  status: number,
  what: string,
  page: string,
  token: string | undefined,
): InputError | WorkError {
  if (status === 401 && token === undefined) {
    return new InputError(
      `${what} does not exist, or is only for those who are signed in: see ${page}, accept its conditions there and set HF_TOKEN to your access token`,
    );
  }
  if (status === 401) {
    return new InputError(`${what} refuses your access token: HF_TOKEN must be one that is valid`);
  }
  if (status === 403) {
    return new InputError(
      `access to ${what} is restricted: accept its conditions at ${page} with the account of your access token (HF_TOKEN)`,
    );
  }
  if (status === 404 || status === 410) return new InputError(`there is no ${what} (${page})`);
  if (status === 429) {
    return new WorkError(`${new URL(page).host} wants fewer requests; try ${what} again later`);
  }
  return new WorkError(
    `${new URL(page).host} answers with status ${status} for ${what}; try again later`,
  );
}
