/** Runs the cells of an experiment that are not done yet, and gathers all results. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { sha256OfFile } from '../checkpoints/file-hash.js';
import {
  defaultJudge,
  evaluateInverter,
  fingerprint,
  reportEvaluation,
  shownImages,
  type EvaluationStore,
  type EvaluationSummary,
  type ShownImage,
} from '../evaluation/index.js';
import { loadInverter, type Inverter } from '../inversion/inverter.js';
import type { SessionOptions } from '../runtime/session.js';
import { openAlteration } from './alterations.js';
import type { Experiment } from './experiment-file.js';
import { checkShown } from './check-shown.js';
import { expandGrid, type Cell } from './grid.js';
import type { Coordinates } from './measures.js';

/** What was measured in one cell. */
export interface CellResult {
  readonly coordinates: Coordinates;
  readonly summary: EvaluationSummary;
  /** Photographs that could not be read, and why. */
  readonly unreadable: readonly string[];
  readonly seconds: number;
  /** The first images with their pictures. */
  readonly shown: readonly ShownImage[];
  /** Class names of the cell's classifier. */
  readonly labels: readonly string[];
}

export interface ExperimentRun {
  /** Folder where the cells' records are kept; what is there is not measured again. */
  readonly cells: string;
  /** Weights of FID's Inception; without them FID is null. */
  readonly inception?: string | undefined;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
  /** Has a cell's images measured by others; see `EvaluationRun`. */
  readonly elsewhere?: ((cell: Cell, store: EvaluationStore) => Promise<boolean>) | undefined;
  /** Before a cell: how many are done, of how many. */
  readonly onCell?: (done: number, cells: number, coordinates: Coordinates) => void;
}

/** Returns undefined where the signal stopped it; what is measured is kept. */
export async function runExperiment(
  experiment: Experiment,
  run: ExperimentRun,
): Promise<CellResult[] | undefined> {
  const cells = await expandGrid(experiment);
  checkShown(experiment, cells);
  const results: CellResult[] = [];
  let open: { readonly directory: string; readonly inverter: Inverter } | undefined;
  try {
    for (const [i, cell] of cells.entries()) {
      run.onCell?.(i, cells.length, cell.coordinates);
      if (open?.directory !== cell.model.directory) {
        await open?.inverter.dispose();
        open = undefined;
        const inverter = await loadInverter(cell.model.directory, run.session);
        open = { directory: cell.model.directory, inverter };
      }
      const result = await runCell(cell, open.inverter, experiment, run);
      if (result === undefined) return undefined;
      results.push(result);
    }
  } finally {
    await open?.inverter.dispose();
  }
  return results;
}

async function runCell(
  cell: Cell,
  inverter: Inverter,
  experiment: Experiment,
  { cells, inception, session, signal, elsewhere }: ExperimentRun,
): Promise<CellResult | undefined> {
  const { photographs, crops, sampling, seed } = cell;
  const judges = experiment.judges ?? [await defaultJudge(inverter.config.backbone)];
  const { backbone, imageSize } = inverter;
  const alteration = await openAlteration(cell.alteration, backbone, imageSize, seed, session);
  try {
    const batches = await evaluateInverter(
      inverter,
      {
        ...{ photographs, crops, seed, batchSize: experiment.batch },
        ...{ sampling, judges, inception, alteration },
      },
      {
        directory: path.join(cells, await cellName(cell, experiment, inception)),
        session,
        ...(signal && { signal }),
        ...(elsewhere && { elsewhere: (store: EvaluationStore) => elsewhere(cell, store) }),
      },
    );
    if (batches === undefined) return undefined;
    const { settings, unreadable, seconds, secondsPerImage, ...summary } =
      reportEvaluation(batches);
    return {
      ...{ coordinates: cell.coordinates, summary, unreadable, seconds },
      shown: await shownImages(batches),
      labels: backbone.labels,
    };
  } finally {
    await alteration?.dispose();
  }
}

/** A folder's name that changes with everything that the cell's result depends on. */
async function cellName(
  cell: Cell,
  { batch, judges }: Experiment,
  inception: string | undefined,
): Promise<string> {
  const { model, photographs, crops, alteration, sampling, seed } = cell;
  const { name, controlNet, base } = model.config;
  const { coordinates, ...change } = alteration;
  const key = JSON.stringify({
    ...{ name, controlNet: controlNet.sha256, base: base.sha256 },
    ...{ photographs: await fingerprint(photographs), crops, change, sampling, seed },
    ...{ batch, judges, inception: inception && (await sha256OfFile(inception)) },
  });
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${name.replace(/[^\w.-]+/g, '-')}-${digest}`;
}
