import type { JobRequest, SteerRequest, StudioInfo } from '../../../src/server/api.js';
import { type Drawing, drawingValues, inverterOf, readDrawing } from './drawing.js';
import { readRegion, writeRegion } from './region-weights.js';
import type { UrlReader } from './url-reader.js';
import { writeSearch } from './url-reader.js';

/** The page Steer as its address tells it. */
export interface SteerParams extends Drawing {
  readonly picture: string;
  /** Name of a concept set; null for the first one that there is. */
  readonly concepts: string | null;
  /** Null for the first card of the set, the most energetic concept. */
  readonly concept: number | null;
  readonly scale: number;
  /** Weights of the map's positions; null for everywhere. */
  readonly region: readonly number[] | null;
  readonly run: boolean;
}

/** 0 takes the concept out, 1 changes nothing. */
export const SCALES = { from: 0, to: 6, step: 0.25, usual: 3 } as const;
const SAMPLES = 2;

export function readSteer(reader: UrlReader, info: StudioInfo): SteerParams {
  const drawing = readDrawing(reader, info, SAMPLES);
  return {
    ...drawing,
    picture: reader.text('picture') ?? info.samples[0]!.id,
    concepts: reader.text('concepts'),
    concept: reader.number('concept', { from: 0, to: 2 ** 20, whole: true }) ?? null,
    scale: reader.number('scale', { from: -20, to: 20 }) ?? SCALES.usual,
    region: readWeights(reader, inverterOf(drawing.inverter, info).mapShape),
    run: reader.has('run'),
  };
}

export function writeSteer(params: SteerParams): string {
  const { picture, concepts, concept, scale, region, run } = params;
  return writeSearch({
    picture,
    concepts: concepts ?? undefined,
    concept: concept ?? undefined,
    scale,
    region: region ? writeRegion(region) : undefined,
    ...drawingValues(params),
    run: run ? 1 : undefined,
  });
}

/** Null while there are no concepts. */
export function steerRequest(params: SteerParams): SteerRequest | null {
  const { picture, inverter, seed, samples, sampling, concepts, concept, scale, region } = params;
  if (concepts === null || concept === null) return null;
  return {
    ...{ kind: 'steer', picture, inverter, seed, samples, sampling, concepts, concept, scale },
    ...(region && { region }),
  } satisfies JobRequest;
}

/** The parameters that give a known result again. */
export function steerParamsOf(request: SteerRequest): SteerParams {
  const { picture, inverter, seed = 0, samples = 1, sampling = {} } = request;
  const { concepts, concept, scale, region = null } = request;
  return {
    ...{ picture, inverter, seed, samples, sampling, concepts, concept, scale, region },
    run: true,
  };
}

function readWeights(
  reader: UrlReader,
  [, height, width]: readonly [number, number, number],
): number[] | null {
  const text = reader.text('region');
  if (text === null) return null;
  const region = readRegion(text, { height, width });
  if (!region) {
    reader.problems.push(
      `The address’s region does not fit the inverter: it must have ${height * width} hexadecimal digits.`,
    );
  }
  return region ?? null;
}
