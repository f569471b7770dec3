/** The studio's server: catalogue, queue and worker behind one HTTP server. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { COMPOSITIONS } from '../composition/operations.js';
import { samplerNames } from '../diffusion/samplers/index.js';
import { errorCode, errorMessage, InputError } from '../errors.js';
import { type HubSettings, hubSettings } from '../hub/index.js';
import { packageRoot } from '../package-root.js';
import type { SessionOptions } from '../runtime/session.js';
import type { StudioInfo } from './api.js';
import { ConceptShelf } from './catalogue/concept-shelf.js';
import { offeredInverters } from './catalogue/inverter-list.js';
import { PictureShelf } from './catalogue/picture-shelf.js';
import { ReportShelf } from './catalogue/report-shelf.js';
import { takeDataFolder } from './data-folder.js';
import { openDatabase } from './database.js';
import { JobExports } from './exports/job-exports.js';
import { allowedHosts, isLoopback, shownHost } from './http/addresses.js';
import { malformedRequest, studioApp } from './http/studio-app.js';
import { JobQueue } from './jobs/job-queue.js';
import { JobStore } from './jobs/job-store.js';
import { resolveRequest } from './jobs/resolve-request.js';
import { LIMITS } from './limits.js';
import { PullDesk } from './pulls/pull-desk.js';
import { CONCEPT_METHOD_NAMES, MIX_OPERATIONS } from './requests.js';
import { recipesFolder } from './training/recipes.js';
import { TrainingDesk, type TrainingDeskParts } from './training/training-desk.js';
import { WorkerHost } from './worker/worker-host.js';

export interface StudioOptions {
  /** Folder of pictures, jobs and concepts; made where it is missing. */
  readonly data: string;
  /** Folder of experiments' reports. */
  readonly reports: string;
  /** Folder of runs of `featinv train`, to look at. */
  readonly runs: string;
  /** Address to listen at; default 127.0.0.1. At any other a token is needed. */
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Inverter to offer first: a name or a folder. */
  readonly model?: string | undefined;
  readonly session?: SessionOptions;
  /** Where models are fetched from; default: what the environment says at the time. */
  readonly hub?: HubSettings;
  readonly onDefect?: (error: unknown) => void;
  /** Modules of the worker thread and of the process that trains, and folder of the built page, where they are not the package's. */
  readonly workerEntry?: URL;
  readonly trainingEntry?: TrainingDeskParts['entry'];
  /** Folder of configurations to train with, where they are not the package's. */
  readonly recipes?: string;
  readonly page?: string;
}

export interface Studio {
  /** Where to open it, with the token where one is needed. */
  readonly url: string;
  readonly data: string;
  /** Ends all streams at once and the worker as soon as it can; what ran is done again next time. */
  close(): Promise<void>;
}

/**
 * Starts the studio. Throws InputError for a port or a folder that is in use and for a model that there
 * is not.
 *
 * @example
 * const studio = await startStudio({ data: 'studio', reports: 'runs/experiments', runs: 'runs', port: 0 });
 */
export async function startStudio(options: StudioOptions): Promise<Studio> {
  const { host = '127.0.0.1', session = {}, onDefect = () => undefined } = options;
  const inverters = await offeredInverters(options.model);
  const folder = await takeDataFolder(options.data);
  const worker = new WorkerHost({ session }, options.workerEntry);
  // The worker last: it may be in the middle of a long run of a session.
  const undo: (() => Promise<void> | void)[] = [() => worker.close(), () => folder.release()];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const database = openDatabase(folder.database);
    undo.push(() => database.close());
    const pictures = await PictureShelf.open(database, folder.pictures);
    const concepts = new ConceptShelf(folder.concepts);
    const version = packageVersion();
    const info = studioInfo(version, inverters, pictures);
    const catalogue = { inverters, pictures, concepts, version };
    const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 });
    // Listening comes first: the port is part of what requests are checked against.
    const port = await listen(server, host, options.port);
    undo.push(() => stopListening(server));
    const token = isLoopback(host) ? null : randomBytes(24).toString('base64url');
    const pulls = new PullDesk(() => options.hub ?? hubSettings());
    undo.push(() => pulls.close());
    const queue = new JobQueue({
      store: new JobStore(database),
      worker,
      folder: folder.jobs,
      resolve: (request) => resolveRequest(request, catalogue),
    });
    undo.push(() => queue.close());
    const training = new TrainingDesk({
      ...{ folder: folder.training, photographs: folder.photographs, session },
      ...{ others: options.runs, recipes: options.recipes ?? recipesFolder() },
      entry: options.trainingEntry,
    });
    undo.push(() => training.close());
    const app = studioApp({
      ...{ info, inverters, concepts, pictures, queue, training, pulls, port, token, onDefect },
      exports: new JobExports(catalogue),
      reports: new ReportShelf(options.reports),
      page: options.page ?? path.join(packageRoot(), 'dist', 'studio'),
      hosts: allowedHosts(host, port),
    });
    const answer = getRequestListener((request) => app.fetch(request), {
      errorHandler: malformedRequest,
      overrideGlobalObjects: false,
    });
    server.on('request', (incoming, outgoing) => void answer(incoming, outgoing));
    const query = token === null ? '' : `?token=${token}`;
    return { url: `http://${shownHost(host)}:${port}/${query}`, data: folder.root, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function studioInfo(
  version: string,
  inverters: Awaited<ReturnType<typeof offeredInverters>>,
  pictures: PictureShelf,
): StudioInfo {
  return {
    version,
    inverters: inverters.map((offered) => offered.info),
    samplers: samplerNames,
    conceptMethods: CONCEPT_METHOD_NAMES,
    operations: MIX_OPERATIONS.map((name) => ({
      name,
      summary: COMPOSITIONS.find((composition) => composition.name === name)!.summary,
    })),
    samples: pictures.samples.map((picture) => picture.info),
    limits: LIMITS,
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason =
        errorCode(error) === 'EADDRINUSE'
          ? `port ${port} of ${host} is in use: give another --port, or 0 for a free one`
          : `cannot listen at ${host} port ${port} (${errorMessage(error)}): give an address of this machine with --host`;
      reject(new InputError(reason, { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function packageVersion(): string {
  const text = readFileSync(path.join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
