/** From what a request names to what the worker needs, with every default filled in. */
import { createHash } from 'node:crypto';
import { getSampler } from '../../diffusion/samplers/index.js';
import { InputError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { ConceptSet, JobRequest, Sampling } from '../api.js';
import { fits, type ConceptShelf } from '../catalogue/concept-shelf.js';
import type { OfferedInverter } from '../catalogue/inverter-list.js';
import type { PictureShelf } from '../catalogue/picture-shelf.js';
import type { ParsedRequest } from '../requests.js';
import type { Work } from '../worker/messages.js';

export interface Catalogue {
  readonly inverters: readonly OfferedInverter[];
  readonly pictures: PictureShelf;
  readonly concepts: ConceptShelf;
  /** Part of every key: another version may draw other pictures. */
  readonly version: string;
}

export interface ResolvedRequest {
  readonly request: JobRequest;
  readonly work: Work;
  /** The same for requests that give the same result. */
  readonly key: string;
  /** False where an earlier result points at what is gone. */
  readonly isKept: boolean;
}

/** Throws InputError, one sentence, for names of what there is not and for what does not go together. */
export async function resolveRequest(
  parsed: ParsedRequest,
  catalogue: Catalogue,
): Promise<ResolvedRequest> {
  const offered = findInverter(parsed.inverter, catalogue.inverters);
  const { work, set, isKept = true } = await resolveWork(parsed, offered, catalogue);
  // How often pictures are sent on the way does not change them.
  const decisive = { ...work.request, every: undefined };
  const dependsOn = [catalogue.version, ...offered.weights, set?.createdAt ?? null];
  const key = createHash('sha256')
    .update(JSON.stringify([Object.entries(decisive).sort(byName), dependsOn]))
    .digest('hex');
  return { request: work.request, work, key, isKept };
}

interface ResolvedWork {
  readonly work: Work;
  /** Concepts that the result depends on. */
  readonly set?: ConceptSet;
  readonly isKept?: boolean;
}

async function resolveWork(
  parsed: ParsedRequest,
  offered: OfferedInverter,
  { pictures, concepts }: Catalogue,
): Promise<ResolvedWork> {
  const { info, directory: inverter } = offered;
  switch (parsed.kind) {
    case 'look': {
      const request = { ...parsed, sampling: completeSampling(parsed.sampling, info.sampling) };
      const picture = findPicture(parsed.picture, pictures);
      return { work: { kind: 'look', request, inverter, picture } };
    }
    case 'steer': {
      const { region, ...rest } = parsed;
      const set = await findConcepts(rest.concepts, rest.concept, offered, concepts);
      if (region) checkRegion(region, offered);
      const sampling = completeSampling(rest.sampling, info.sampling);
      const request = { ...rest, sampling, ...(region && { region }) };
      const picture = findPicture(rest.picture, pictures);
      return {
        work: { kind: 'steer', request, inverter, picture, concepts: concepts.folderOf(set) },
        set,
      };
    }
    case 'mix': {
      const { region, ...rest } = parsed;
      if (region) checkUnpooled(offered);
      if (rest.operation === 'paste' && !region) {
        throw new InputError(
          'the request: "region" is missing: paste needs a rectangle to paste into',
        );
      }
      const sampling = completeSampling(rest.sampling, info.sampling);
      const request = { ...rest, sampling, ...(region && { region }) };
      const [a, b] = [findPicture(rest.a, pictures), findPicture(rest.b, pictures)];
      return { work: { kind: 'mix', request, inverter, a, b } };
    }
    case 'concepts': {
      const name = concepts.nameOf(info, parsed.method, parsed.count);
      const photographs = pictures.samples.map(({ file }) => file);
      const { folder: shelf } = concepts;
      return {
        work: { kind: 'concepts', request: parsed, inverter, photographs, shelf, name },
        isKept: (await concepts.find(name)) !== undefined,
      };
    }
  }
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

export function findInverter(name: string, offered: readonly OfferedInverter[]): OfferedInverter {
  const found = offered.find(({ info }) => info.name === name);
  if (found) return found;
  const names = offered.map(({ info }) => info.name);
  const near = nearest(name, names);
  throw new InputError(
    `there is no inverter "${name}": ${near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`}`,
  );
}

function findPicture(id: string, pictures: PictureShelf): string {
  const found = pictures.find(id);
  if (!found) {
    throw new InputError(`there is no picture ${id.slice(0, 12)}… here (any more): add it again`);
  }
  pictures.use(id);
  return found.file;
}

async function findConcepts(
  name: string,
  concept: number,
  { info }: OfferedInverter,
  shelf: ConceptShelf,
): Promise<ConceptSet> {
  const set = await shelf.find(name);
  if (!set) throw new InputError(`there are no concepts called "${name}": fit them first`);
  if (!fits(set, info)) {
    throw new InputError(
      `the concepts "${name}" belong to layer ${set.layer} of ${set.backbone}, ` +
        `${info.name} reads layer ${info.layer} of ${info.backbone}`,
    );
  }
  if (!set.cards.some((card) => card.concept === concept)) {
    throw new InputError(
      `"${name}" has concepts 0 to ${set.cards.length - 1}, there is no concept ${concept}`,
    );
  }
  return set;
}

function completeSampling(
  given: { readonly [Key in keyof Sampling]?: Sampling[Key] | undefined },
  defaults: Sampling,
): Sampling {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  const sampling: Sampling = { ...defaults, ...Object.fromEntries(named) };
  if (sampling.eta > 0 && !getSampler(sampling.sampler).stochastic) {
    throw new InputError(
      `the request: "sampling.eta" must be 0 with ${sampling.sampler}, which adds no noise, got ${sampling.eta}`,
    );
  }
  return sampling;
}

function checkRegion(region: readonly number[], offered: OfferedInverter): void {
  checkUnpooled(offered);
  const [, height, width] = offered.info.mapShape;
  if (region.length !== height * width) {
    throw new InputError(
      `the request: "region" must have ${height} × ${width} = ${height * width} values, ` +
        `one for each position of the map, got ${region.length}`,
    );
  }
  if (!region.some((weight) => weight > 0)) {
    throw new InputError('the request: "region" is 0 everywhere: mark where to steer');
  }
}

function checkUnpooled({ info }: OfferedInverter): void {
  if (!info.pooled) return;
  throw new InputError(
    `${info.name} averages its map over positions, so it cannot show a region: ` +
      'choose an inverter that is not pooled, or leave the region out',
  );
}
