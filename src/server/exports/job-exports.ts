/** Results as files that stand for themselves: numbers as JSON, everything as one HTML page. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { renderResultPage, type ResultSection } from '../../report/index.js';
import type {
  JobInfo,
  LookRequest,
  LookResult,
  MixRequest,
  MixResult,
  ResultNumbers,
  SteerRequest,
  SteerResult,
} from '../api.js';
import type { ConceptShelf } from '../catalogue/concept-shelf.js';
import type { OfferedInverter } from '../catalogue/inverter-list.js';
import type { PictureShelf } from '../catalogue/picture-shelf.js';
import type { Complete } from '../worker/messages.js';
import { resultCommands } from './result-commands.js';
import { lookSections, mixSections, type PictureOf, steerSections } from './result-sections.js';

export interface JobExportsParts {
  readonly version: string;
  readonly inverters: readonly OfferedInverter[];
  readonly pictures: PictureShelf;
  readonly concepts: ConceptShelf;
}

/** A job that has drawn pictures. */
export type DrawnJob = Omit<JobInfo, 'request' | 'result'> & {
  readonly request: Complete<LookRequest | SteerRequest | MixRequest>;
  readonly result: LookResult | SteerResult | MixResult;
};

export function isDrawn(job: JobInfo): job is JobInfo & DrawnJob {
  return job.result !== undefined && job.result.kind in TITLES;
}

const TITLES = {
  look: 'What the classifier saw',
  steer: 'A concept, weaker or stronger',
  mix: 'Two pictures mixed',
} as const;

/** Settings that not every kind of request has. */
const OWN: ReadonlySet<string> = new Set([
  ...['concepts', 'concept', 'scale', 'operation', 'alpha', 'region'],
]);

export class JobExports {
  constructor(private readonly parts: JobExportsParts) {}

  /** `featinv-look-100-1a2b3c4d`: kind, seed, and the job. */
  nameOf({ id, request }: DrawnJob): string {
    return `featinv-${request.kind}-${request.seed}-${id.slice(0, 8)}`;
  }

  numbers({ request, result, createdAt, finishedAt = createdAt }: DrawnJob): ResultNumbers {
    return {
      featinv: this.parts.version,
      weights: this.inverterOf(request)?.weights ?? [],
      pictures: Object.fromEntries(picturesOf(request).map((id) => [id, this.pictureName(id)])),
      ...{ request, result, createdAt, finishedAt },
    };
  }

  /** One HTML page with its pictures, which `folder` holds. */
  async page(job: DrawnJob, folder: string): Promise<string> {
    const { request, result } = job;
    const files = await readPictures(result, folder);
    const names = picturesOf(request).map((id) => this.pictureName(id));
    const set =
      request.kind === 'steer' ? await this.parts.concepts.find(request.concepts) : undefined;
    return renderResultPage({
      title: `${TITLES[result.kind]}: ${names.join(' and ')}`,
      lead:
        'Pictures drawn by a diffusion model from nothing but a feature map of an image classifier. What ' +
        'they share with the photograph is what the classifier kept of it; what changes from one seed to ' +
        'the next is what it let go.',
      sections: sectionsOf(job, (name) => files.get(name)!),
      settings: this.settings(job, names),
      commands: resultCommands(request, {
        nameOf: (id) => this.pictureName(id),
        concepts: set && { method: set.method, count: set.cards.length },
      }),
    });
  }

  private settings(
    { request, createdAt }: DrawnJob,
    names: readonly string[],
  ): (readonly [string, string])[] {
    const { inverter, samples, seed, sampling } = request;
    const info = this.inverterOf(request)?.info;
    const own = Object.entries(request).filter(([name]) => OWN.has(name));
    const values: Record<string, unknown> = {
      pictures: names.join(', '),
      inverter,
      ...(info && { classifier: `${info.backboneTitle}, layer ${info.layer}` }),
      ...Object.fromEntries(own),
      ...{ samples, seed, ...sampling },
      ...{ featinv: this.parts.version, date: createdAt },
    };
    return Object.entries(values).map(([name, value]) => [name, inWords(value)] as const);
  }

  private inverterOf({ inverter }: DrawnJob['request']): OfferedInverter | undefined {
    return this.parts.inverters.find(({ info }) => info.name === inverter);
  }

  private pictureName(id: string): string {
    return this.parts.pictures.find(id)?.info.name ?? id;
  }
}

/** Text as it is, the rest as JSON without its signs. */
const inWords = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value)
        .replaceAll(/["[\]{}]/g, '')
        .replaceAll(',', ', ');

function sectionsOf({ request, result }: DrawnJob, pictureOf: PictureOf): ResultSection[] {
  if (result.kind === 'steer' && request.kind === 'steer') {
    return steerSections(result, request, pictureOf);
  }
  if (result.kind === 'mix' && request.kind === 'mix')
    return mixSections(result, request, pictureOf);
  return result.kind === 'look' ? lookSections(result, pictureOf) : [];
}

const picturesOf = (request: DrawnJob['request']): string[] =>
  request.kind === 'mix' ? [request.a, request.b] : [request.picture];

async function readPictures(
  result: DrawnJob['result'],
  folder: string,
): Promise<Map<string, Uint8Array>> {
  const names = pictureNames(result);
  const files = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
  return new Map(names.map((name, i) => [name, files[i]!]));
}

function pictureNames(result: DrawnJob['result']): string[] {
  switch (result.kind) {
    case 'look':
      return [result.original, ...result.outputs.map(({ image }) => image)];
    case 'steer':
      return [
        ...[result.original, result.difference.image],
        ...result.outputs.flatMap(({ before, after }) => [before, after]),
      ];
    case 'mix':
      return [...result.parents, ...result.outputs].map(({ image }) => image);
  }
}
