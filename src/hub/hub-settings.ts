import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { PATIENT, type RetryPolicy } from './network.js';

/** Where models are fetched from, and as whom. */
export interface HubSettings {
  /** Address of Hugging Face or a mirror of it, without a slash at the end. */
  readonly endpoint: string;
  /** Address of figshare's API. */
  readonly figshare: string;
  readonly token: string | undefined;
  /** Use no network at all. */
  readonly offline: boolean;
  readonly retry: RetryPolicy;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from the variables that Hugging Face's own tools use: HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN, and
 * without it the file that their sign-in writes. Throws InputError for a malformed address or token.
 */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const endpoint = environment['HF_ENDPOINT'] || 'https://huggingface.co';
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw new InputError(
      `HF_ENDPOINT must be an address such as https://huggingface.co, got "${endpoint}"`,
    );
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    figshare: 'https://api.figshare.com/v2',
    token: readToken(environment),
    offline: /^(1|true|yes|on)$/i.test(environment['HF_HUB_OFFLINE'] ?? ''),
    retry: PATIENT,
  };
}

function readToken(environment: Environment): string | undefined {
  const given = environment['HF_TOKEN']?.trim();
  const file = tokenFile(environment);
  const token = given || (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
  if (token === '') return undefined;
  if (/^hf_\w+$/.test(token)) return token;
  // The token itself stays out of the message.
  throw new InputError(
    `${given ? 'HF_TOKEN' : file} must hold an access token of Hugging Face, which begins with hf_`,
  );
}

function tokenFile(environment: Environment): string {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const home = environment['HF_HOME'] || join(cache, 'huggingface');
  return environment['HF_TOKEN_PATH'] || join(home, 'token');
}
