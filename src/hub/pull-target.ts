import { join } from 'node:path';
import { InputError } from '../errors.js';
import { featinvHome } from '../featinv-home.js';
import { nearest } from '../nearest.js';
import { pullCatalogue, type ModelKind, type ModelSource } from './catalogue.js';
import { digestOf, type Digest } from './digest.js';
import { safePath } from './remote-file.js';

/** What a reference asks for. */
export interface PullTarget {
  /** The name in the catalogue, or the reference as given. */
  readonly name: string;
  readonly source: ModelSource | { readonly type: 'address'; readonly url: string };
  /** Undefined for a repository that has to be looked at first, and for single files. */
  readonly kind: ModelKind | undefined;
  /** Where it goes, by its kind where that has to be found out. */
  readonly folders: Readonly<Partial<Record<ModelKind | 'downloads', string>>>;
  /** Undefined where only the source tells. */
  readonly licence: string | undefined;
  /** Address of conditions of use, where the catalogue knows of some. */
  readonly terms?: string | undefined;
}

const REPOSITORY = /^([\w.-]+)\/([\w.-]+)(?::(.+))?$/;

/**
 * `NAME` of the catalogue, `owner/repository` on Hugging Face, `owner/repository:FILE` or an address.
 * Throws InputError for anything else.
 */
export function pullTarget(reference: string): PullTarget {
  if (/^https?:/i.test(reference)) return addressTarget(reference);
  const known = catalogueTarget(reference);
  if (known) return known;
  const [, owner = '.', repository = '.', file] = REPOSITORY.exec(reference) ?? [];
  if (/^\.+$/.test(owner) || /^\.+$/.test(repository)) throw unknownName(reference);
  const folders =
    file === undefined
      ? { bases: inHome('bases', repository), inverters: inHome('inverters', repository) }
      : { downloads: inHome('downloads', owner, repository) };
  const source = {
    type: 'hugging-face',
    repository: `${owner}/${repository}`,
    ...(file !== undefined && { file }),
  } as const;
  return { name: reference, source, kind: undefined, folders, licence: undefined };
}

function catalogueTarget(reference: string): PullTarget | undefined {
  const entries = [...pullCatalogue.values()];
  const entry =
    pullCatalogue.get(reference) ??
    entries.find(({ source }) => source.type === 'hugging-face' && source.repository === reference);
  if (!entry) return undefined;
  const { name, kind, source, licence, terms } = entry;
  const folder = kind === 'inception' ? inHome(kind) : inHome(kind, name);
  return { name, source, kind, folders: { [kind]: folder }, licence, terms };
}

function addressTarget(url: string): PullTarget {
  fileNameOf(url);
  return {
    name: url,
    source: { type: 'address', url },
    kind: undefined,
    folders: { downloads: inHome('downloads') },
    licence: undefined,
  };
}

/** The last part of an address. */
export function fileNameOf(url: string): string {
  const name = URL.canParse(url) ? new URL(url).pathname.split('/').at(-1)! : '';
  if (/^[\w.+~-]*\w[\w.+~-]*$/.test(name)) return safePath(name, url);
  throw new InputError(`the address must end in the name of a file, got ${url}`);
}

function unknownName(reference: string): InputError {
  const near = nearest(reference, [...pullCatalogue.keys()]);
  const hint = near === undefined ? '`featinv pull` lists them' : `did you mean "${near}"?`;
  return new InputError(
    `there is no model "${reference}" to fetch, ${hint}; owner/repository and owner/repository:FILE on Hugging Face and addresses of files will do as well`,
  );
}

const inHome = (...parts: string[]): string => join(featinvHome(), ...parts);

/** `--sha256` as a digest. */
export function parseSha256(hex: string): Digest {
  const digest = digestOf('sha256', hex);
  if (digest) return digest;
  throw new InputError(`--sha256 must be 64 hexadecimal digits, got "${hex}"`);
}
