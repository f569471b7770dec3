import type { JobRequest, LookRequest, StudioInfo } from '../../../src/server/api.js';
import { type Drawing, drawingValues, readDrawing } from './drawing.js';
import type { UrlReader } from './url-reader.js';
import { writeSearch } from './url-reader.js';

/** The page Look as its address tells it. */
export interface LookParams extends Drawing {
  readonly picture: string;
  /** Whether the result is asked for. */
  readonly run: boolean;
}

const SAMPLES = 3;

export function readLook(reader: UrlReader, info: StudioInfo): LookParams {
  return {
    ...readDrawing(reader, info, SAMPLES),
    picture: reader.text('picture') ?? info.samples[0]!.id,
    run: reader.has('run'),
  };
}

export function writeLook(params: LookParams): string {
  const { picture, run } = params;
  return writeSearch({ picture, ...drawingValues(params), run: run ? 1 : undefined });
}

export function lookRequest(params: LookParams): LookRequest {
  const { picture, inverter, seed, samples, sampling } = params;
  return { kind: 'look', picture, inverter, seed, samples, sampling } satisfies JobRequest;
}

/** The parameters that give a known result again. */
export function lookParamsOf(request: LookRequest): LookParams {
  const { picture, inverter, seed = 0, samples = 1, sampling = {} } = request;
  return { picture, inverter, seed, samples, sampling, run: true };
}
