/** Fetches models of the catalogue, one after another, and knows how far each is. */
import { errorMessage, InputError } from '../../errors.js';
import { type HubSettings, pull, pullCatalogue } from '../../hub/index.js';
import { nearest } from '../../nearest.js';
import type { PullInfo, PullRequest } from '../api.js';

interface Pull {
  info: PullInfo;
  readonly stop: AbortController;
}

export class PullDesk {
  /** By name, in the order in which they were asked for. */
  private readonly pulls = new Map<string, Pull>();
  /** Settles when all that was asked for has ended. */
  private turn: Promise<void> = Promise.resolve();

  /** `settings` throws InputError where the environment's are malformed. */
  constructor(private readonly settings: () => HubSettings) {}

  isOffline(): boolean {
    return this.settings().offline;
  }

  list(): PullInfo[] {
    return [...this.pulls.values()].map(({ info }) => info);
  }

  /** Throws InputError for names that the catalogue does not know, and for terms that are not agreed to. */
  start({ name, agreed = false }: PullRequest): { info: PullInfo; isNew: boolean } {
    const entry = pullCatalogue.get(name);
    if (!entry) throw unknownName(name);
    const known = this.pulls.get(name);
    if (known && isUnderWay(known.info)) return { info: known.info, isNew: false };
    if (entry.terms !== undefined && !agreed) {
      throw new InputError(
        `${name} comes under ${entry.licence} (${entry.terms}): read it and agree to it first`,
      );
    }
    const settings = this.settings();
    const { licence = null } = entry;
    const started: Pull = {
      info: { name, state: 'waiting', bytesHere: 0, bytesTotal: null, licence },
      stop: new AbortController(),
    };
    // At the end of the list, also where it was asked for before.
    this.pulls.delete(name);
    this.pulls.set(name, started);
    this.turn = this.turn.then(() => run(started, settings));
    return { info: started.info, isNew: true };
  }

  /** Undefined where it was not asked for; one that has ended stays as it is. */
  cancel(name: string): PullInfo | undefined {
    const known = this.pulls.get(name);
    if (known && isUnderWay(known.info)) {
      known.stop.abort();
      known.info = { ...known.info, state: 'cancelled' };
    }
    return known?.info;
  }

  /** Stops what is under way. */
  async close(): Promise<void> {
    for (const name of this.pulls.keys()) this.cancel(name);
    await this.turn;
  }
}

const isUnderWay = ({ state }: PullInfo): boolean => state === 'waiting' || state === 'running';

/** Never rejects. */
async function run(started: Pull, settings: HubSettings): Promise<void> {
  const { signal } = started.stop;
  const tell = (change: Partial<PullInfo>): void => {
    if (!signal.aborted) started.info = { ...started.info, ...change };
  };
  if (signal.aborted) return;
  tell({ state: 'running' });
  try {
    const { files, licence } = await pull(started.info.name, {
      settings,
      signal,
      onPlan: (plan) => tell({ bytesTotal: sumOf(plan.files), licence: plan.licence }),
      onProgress: (bytesHere) => tell({ bytesHere }),
    });
    const bytes = sumOf(files);
    tell({ state: 'done', licence, bytesTotal: bytes, bytesHere: bytes ?? 0 });
  } catch (error) {
    tell({ state: 'failed', error: errorMessage(error) });
  }
}

/** Null where one of them has no known size. */
function sumOf(files: readonly { readonly bytes: number | undefined }[]): number | null {
  const sizes = files.map(({ bytes }) => bytes ?? NaN);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return Number.isNaN(sum) ? null : sum;
}

function unknownName(name: string): InputError {
  const near = nearest(name, [...pullCatalogue.keys()]);
  const hint = near === undefined ? 'GET /api/models lists them' : `did you mean "${near}"?`;
  return new InputError(`there is no model "${name}" to fetch: ${hint}`);
}
