import type {
  JobRequest,
  MixOperation,
  MixRequest,
  Rectangle,
  StudioInfo,
} from '../../../src/server/api.js';
import { type Drawing, drawingValues, readDrawing } from './drawing.js';
import { middleRectangle, readRectangle, writeRectangle } from './rectangle.js';
import type { UrlReader } from './url-reader.js';
import { writeSearch } from './url-reader.js';

/** The page Mix as its address tells it. */
export interface MixParams extends Drawing {
  readonly a: string;
  readonly b: string;
  readonly operation: MixOperation;
  readonly alpha: number;
  /** Where the maps are mixed; null for everywhere. */
  readonly region: Rectangle | null;
  readonly run: boolean;
}

const SAMPLES = 2;

export function readMix(reader: UrlReader, info: StudioInfo): MixParams {
  const operations = info.operations.map(({ name }) => name);
  const operation = reader.oneOf('operation', operations) ?? 'lerp';
  return {
    ...readDrawing(reader, info, SAMPLES),
    a: reader.text('a') ?? info.samples[0]!.id,
    b: reader.text('b') ?? info.samples.at(-1)!.id,
    operation,
    alpha: reader.number('alpha', { from: -10, to: 10 }) ?? (operation === 'paste' ? 1 : 0.5),
    region: readPlace(reader) ?? (operation === 'paste' ? middleRectangle : null),
    run: reader.has('run'),
  };
}

export function writeMix(params: MixParams): string {
  const { a, b, operation, alpha, region, run } = params;
  return writeSearch({
    ...{ a, b, operation, alpha },
    region: region ? writeRectangle(region) : undefined,
    ...drawingValues(params),
    run: run ? 1 : undefined,
  });
}

export function mixRequest(params: MixParams): MixRequest {
  const { a, b, inverter, seed, samples, sampling, operation, alpha, region } = params;
  return {
    ...{ kind: 'mix', a, b, inverter, seed, samples, sampling, operation, alpha },
    ...(region && { region }),
  } satisfies JobRequest;
}

/** The parameters that give a known result again. */
export function mixParamsOf(request: MixRequest): MixParams {
  const { a, b, inverter, operation, alpha, region = null } = request;
  const { seed = 0, samples = 1, sampling = {} } = request;
  return { a, b, inverter, operation, alpha, region, seed, samples, sampling, run: true };
}

/** What another operation needs: pasting is done in full, in a region. */
export function changeOperation(params: MixParams, operation: MixOperation): Partial<MixParams> {
  if (operation === 'paste') {
    return { operation, alpha: 1, region: params.region ?? middleRectangle };
  }
  return { operation, alpha: params.operation === 'paste' ? 0.5 : params.alpha, region: null };
}

function readPlace(reader: UrlReader): Rectangle | null {
  const text = reader.text('region');
  if (text === null) return null;
  const region = readRectangle(text);
  if (!region) {
    reader.problems.push(
      `The address says region = “${text}”: it must be x,y,width,height in shares of the picture.`,
    );
  }
  return region ?? null;
}
