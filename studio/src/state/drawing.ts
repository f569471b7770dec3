/** The parameters that every drawing has: which inverter, from which noise, with which sampler. */
import type { InverterInfo, Sampling, StudioInfo } from '../../../src/server/api.js';
import type { UrlReader } from './url-reader.js';

export interface Drawing {
  readonly inverter: string;
  readonly seed: number;
  readonly samples: number;
  /** What differs from the inverter's defaults. */
  readonly sampling: Partial<Sampling>;
}

export const DEFAULT_SEED = 100;
export const MOST_SEED = 2 ** 32 - 1;
export const MOST_GUIDANCE = 20;
export const GUIDANCE_MODES = ['joint', 'text'] as const;

/** The inverter that is meant; the studio's first one where none is. */
export function inverterOf(name: string, info: StudioInfo): InverterInfo {
  return info.inverters.find((inverter) => inverter.name === name) ?? info.inverters[0]!;
}

export function readDrawing(reader: UrlReader, info: StudioInfo, samples: number): Drawing {
  const names = info.inverters.map(({ name }) => name);
  const given = {
    sampler: reader.oneOf('sampler', info.samplers),
    steps: reader.number('steps', { from: 1, to: info.limits.steps, whole: true }),
    eta: reader.number('eta', { from: 0, to: 1 }),
    guidance: reader.number('guidance', { from: 0, to: 100 }),
    guidanceMode: reader.oneOf('mode', GUIDANCE_MODES),
  };
  return {
    inverter: reader.oneOf('inverter', names) ?? names[0]!,
    seed: reader.number('seed', { from: 0, to: MOST_SEED, whole: true }) ?? DEFAULT_SEED,
    samples: reader.number('samples', { from: 1, to: info.limits.samples, whole: true }) ?? samples,
    sampling: definedOnly(given),
  };
}

/** For `writeSearch`. */
export function drawingValues({ inverter, seed, samples, sampling }: Drawing) {
  const { sampler, steps, eta, guidance, guidanceMode } = sampling;
  return { inverter, seed, samples, sampler, steps, eta, guidance, mode: guidanceMode };
}

/** Changes one setting; a value that is the inverter's own is left out, and so is `eta` where it has no use. */
export function changeSampling(
  sampling: Partial<Sampling>,
  change: Partial<Sampling>,
  defaults: Sampling,
): Partial<Sampling> {
  const full = { ...defaults, ...sampling, ...change };
  const usable = { ...full, eta: addsNoise(full.sampler) ? full.eta : 0 };
  const differing = Object.entries(usable).filter(
    ([name, value]) => value !== defaults[name as keyof Sampling],
  );
  return Object.fromEntries(differing);
}

/** Only DDIM can add fresh noise on the way. */
export const addsNoise = (sampler: string): boolean => sampler === 'ddim';

/** The seeds that are drawn: `samples` in a row, beginning again at 0 after the last. */
export function seedsOf({ seed, samples }: Pick<Drawing, 'seed' | 'samples'>): number[] {
  return Array.from({ length: samples }, (_, k) => (seed + k) % (MOST_SEED + 1));
}

function definedOnly<Values extends object>(values: Values) {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<Sampling>;
}
