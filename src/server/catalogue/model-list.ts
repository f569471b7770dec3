import { DEFAULT_BACKBONE } from '../../backbones/index.js';
import { findPulled, pullCatalogue, type ModelKind } from '../../hub/index.js';
import { DEFAULT_INVERTER } from '../../inversion/inverter-catalogue.js';
import { listModels, type ModelEntry } from '../../inversion/list-models.js';
import type { ModelInfo, StudioModels } from '../api.js';

/** What `featinv models` lists and `featinv pull` fetches, without the places where things lie. */
export async function studioModels(isOffline: boolean): Promise<StudioModels> {
  const { backbones, bases, inverters } = await listModels();
  return {
    backbones: backbones.map(toInfo(DEFAULT_BACKBONE)),
    bases: [...bases.map(toInfo()), ...(await fetched('bases'))],
    inverters: [...inverters.map(toInfo(DEFAULT_INVERTER)), ...(await fetched('inverters'))],
    measures: await fetched('inception'),
    isOffline,
  };
}

const pullOf = (name: string): string | null =>
  pullCatalogue.has(name) ? `featinv pull ${name}` : null;

const toInfo =
  (standard?: string) =>
  ({ id, description, licence, megabytes, here }: ModelEntry): ModelInfo => ({
    ...{ id, description, licence, megabytes, here },
    terms: null,
    standard: id === standard,
    pull: pullOf(id),
  });

/** Models that do not ship: those that were fetched, and those that could be. */
function fetched(kind: ModelKind): Promise<ModelInfo[]> {
  const entries = [...pullCatalogue.values()].filter((entry) => entry.kind === kind);
  return Promise.all(
    entries.map(async ({ name, description, licence, terms, bytes }) => ({
      ...{ id: name, description, licence: licence ?? null, terms: terms ?? null },
      megabytes: bytes === undefined ? null : Math.round(bytes / 1e4) / 100,
      here: (await findPulled(name)) !== undefined,
      standard: false,
      pull: pullOf(name),
    })),
  );
}
