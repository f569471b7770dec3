import { InputError } from '../errors.js';
import type { ModelKind } from './catalogue.js';
import {
  classifierFiles,
  diffusersFiles,
  holds,
  inverterFiles,
  singleFile,
} from './choose-files.js';
import type { Digest } from './digest.js';
import { readFigshareArticle } from './figshare.js';
import { readRepository, type Repository } from './hugging-face.js';
import type { HubSettings } from './hub-settings.js';
import { fileNameOf, type PullTarget } from './pull-target.js';
import type { RemoteFile } from './remote-file.js';

/** What will be fetched. */
export interface PullPlan {
  readonly name: string;
  readonly folder: string;
  /** Where a person reads about it. */
  readonly page: string;
  readonly licence: string;
  /** Address of conditions of use, where there are some. */
  readonly terms: string | undefined;
  readonly files: readonly RemoteFile[];
}

export interface PlanOptions {
  readonly settings: HubSettings;
  /** Instead of the target's own folder. */
  readonly folder: string | undefined;
  readonly sha256: Digest | undefined;
}

const UNKNOWN_LICENCE = 'unknown: its page does not say';

/** Asks the source what there is to fetch. Throws InputError or WorkError in sentences. */
export async function planPull(target: PullTarget, options: PlanOptions): Promise<PullPlan> {
  const { name, source, folders } = target;
  const { settings, sha256 } = options;
  const plan = (
    kind: keyof PullTarget['folders'],
    page: string,
    licence: string | undefined,
    files: readonly RemoteFile[],
  ): PullPlan => ({
    ...{ name, page, licence: target.licence ?? licence ?? UNKNOWN_LICENCE },
    terms: target.terms,
    folder: options.folder ?? folders[kind]!,
    files: sha256 ? withDigest(name, files, sha256) : files,
  });
  switch (source.type) {
    case 'hugging-face': {
      const repository = await readRepository(source.repository, settings);
      const { page, licence } = repository;
      if (source.file !== undefined) {
        return plan(target.kind ?? 'downloads', page, licence, singleFile(repository, source.file));
      }
      const kind = target.kind ?? kindOf(repository);
      return plan(kind, page, licence, filesOf(kind, repository));
    }
    case 'figshare': {
      const { page, licence, files } = await readFigshareArticle(source.article, settings);
      return plan('inverters', page, licence, files);
    }
    case 'url': {
      const digest = { algorithm: 'sha256', hex: source.sha256 } as const;
      const file = addressed(source.url, source.bytes, digest);
      return plan('inception', file.page, undefined, [file]);
    }
    case 'address': {
      if (!sha256) {
        throw new InputError(
          `${source.url}: give --sha256 with the file's hash, so that what arrives can be checked`,
        );
      }
      const file = addressed(source.url, undefined, sha256);
      return plan('downloads', file.page, undefined, [file]);
    }
  }
}

function addressed(url: string, bytes: number | undefined, digest: Digest): RemoteFile {
  const path = fileNameOf(url);
  return { url, path, bytes, digest, token: undefined, title: path, page: url };
}

function kindOf(repository: Repository): ModelKind {
  if (holds(repository, 'model_index.json')) return 'bases';
  if (holds(repository, 'featinv.json')) return 'inverters';
  const names = repository.files.map(({ path }) => path).slice(0, 12);
  throw new InputError(
    `${repository.name} is neither a diffusers model nor an inverter: name one of its files, as in ${repository.name}:${names[0] ?? 'FILE'} (it holds ${names.join(', ') || 'no file'})`,
  );
}

function filesOf(kind: ModelKind, repository: Repository): RemoteFile[] {
  switch (kind) {
    case 'backbones':
      return classifierFiles(repository);
    case 'bases':
      return diffusersFiles(repository);
    case 'inverters':
      return inverterFiles(repository);
    case 'inception':
      return [...repository.files];
  }
}

/** With the hash that the user knows, which must not contradict the one that the source gives. */
function withDigest(
  name: string,
  files: readonly RemoteFile[],
  digest: Digest,
): readonly RemoteFile[] {
  if (files.length !== 1) {
    throw new InputError(`--sha256 is for a single file, ${name} has ${files.length}`);
  }
  const [file] = files as [RemoteFile];
  if (file.digest.algorithm === 'sha256' && file.digest.hex !== digest.hex) {
    throw new InputError(
      `--sha256 is ${digest.hex}, but ${file.title} has ${file.digest.hex}: it is another file`,
    );
  }
  return [{ ...file, digest }];
}
