/** Runs of training: those that the studio started, one of which runs at a time, and others to look at. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { errorCode } from '../../errors.js';
import { writeAtomic } from '../../files.js';
import { parseTrainingConfig } from '../../inversion/training-tasks.js';
import type { SessionOptions } from '../../runtime/session.js';
import type { TrainingOverview, TrainingRequest, TrainingRun, TrainingRunInfo } from '../api.js';
import { HttpProblem } from '../http/http-problem.js';
import { TRAINING_LIMITS } from '../limits.js';
import { findByName, readRecipes } from './recipes.js';
import { readRunFolder, readSample, type RunFolder } from './run-folder.js';
import { trainingConfigOf } from './training-config.js';
import { trainingData } from './training-data.js';
import type { TrainingNews, TrainingOrder } from './training-messages.js';

export interface TrainingDeskParts {
  /** Folder of the studio's runs. */
  readonly folder: string;
  /** Folder of runs that `featinv train` has made; they are only looked at. */
  readonly others: string;
  /** Folder of configurations to begin with. */
  readonly recipes: string;
  /** Where users put photographs to train on. */
  readonly photographs: string;
  readonly session: SessionOptions;
  /** Module of the process that trains, and what Node needs to run it. */
  readonly entry?: { readonly module: URL; readonly execArgv: readonly string[] } | undefined;
}

interface Running {
  readonly id: string;
  readonly child: ChildProcess;
  /** With the process's exit code. */
  readonly ended: Promise<number | null>;
  isPausing: boolean;
  hasStarted: boolean;
  step: number;
  pace: { readonly imagesPerSecond: number; readonly secondsLeft: number } | undefined;
}

/** What the studio notes of a run of its own. */
const noteSchema = z.strictObject({
  name: z.string(),
  config: z.unknown(),
  error: z.string().optional(),
});
type Note = z.output<typeof noteSchema>;

const NOTE = 'studio.json';
/** A run that wrote its log so recently, and does not run here, runs elsewhere. */
const FRESH_MS = 60_000;
const DEFAULT_ENTRY = { module: new URL('./training-process.js', import.meta.url), execArgv: [] };
/** A name of a folder, `own-…` of the studio's or `other-…`. */
const ID = /^(own|other)-([\w.-]{1,100})$/;

export class TrainingDesk {
  private running: Running | undefined;

  constructor(private readonly parts: TrainingDeskParts) {}

  async overview(): Promise<TrainingOverview> {
    const recipes = await readRecipes(this.parts.recipes);
    const data = await trainingData(this.parts.photographs);
    const runs: TrainingRunInfo[] = [];
    for (const id of await this.ids()) {
      const info = await this.info(id);
      if (info) runs.push(info);
    }
    return {
      recipes: recipes.map(({ info }) => info),
      data: data.map(({ info }) => info),
      limits: TRAINING_LIMITS,
      runs: runs.sort((a, b) => (a.changedAt < b.changedAt ? 1 : -1)),
    };
  }

  /** Throws InputError for what cannot be trained, HttpProblem while another run is under way. */
  async start(request: TrainingRequest): Promise<TrainingRunInfo> {
    this.checkIdle();
    const recipe = findByName(await readRecipes(this.parts.recipes), request.recipe, 'recipe');
    const data = findByName(await trainingData(this.parts.photographs), request.data, 'data');
    const config = trainingConfigOf(request, recipe, data);
    await parseTrainingConfig(config, 'the request');
    const slug = request.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const id = `own-${slug.slice(0, 40) || 'run'}-${randomBytes(3).toString('hex')}`;
    await mkdir(this.rootOf(id));
    await this.writeNote(id, { name: request.name, config });
    this.run(id, config, false);
    return (await this.info(id))!;
  }

  /** The run stops after its current step. */
  async pause(id: string): Promise<TrainingRunInfo> {
    const info = await this.ownRun(id);
    if (this.running?.id !== id) {
      throw new HttpProblem(400, `“${info.name}” is not running, so it cannot be paused`);
    }
    this.running.isPausing = true;
    this.running.child.send('pause');
    return (await this.info(id))!;
  }

  async resume(id: string): Promise<TrainingRunInfo> {
    const info = await this.ownRun(id);
    if (info.state === 'finished') throw new HttpProblem(400, `“${info.name}” is finished`);
    this.checkIdle();
    const { error: _, ...note } = (await this.note(id))!;
    await this.writeNote(id, note);
    const folder = await readRunFolder(this.rootOf(id));
    this.run(id, note.config, folder?.hasCheckpoint ?? false);
    return (await this.info(id))!;
  }

  async remove(id: string): Promise<void> {
    const info = await this.ownRun(id);
    if (this.running?.id === id) {
      throw new HttpProblem(400, `“${info.name}” is running: pause it before it is removed`);
    }
    await rm(this.rootOf(id), { recursive: true, force: true });
  }

  /** Undefined where there is no such run. */
  async read(id: string, after: number): Promise<TrainingRun | undefined> {
    const info = await this.info(id);
    if (!info) return undefined;
    const folder = await readRunFolder(this.rootOf(id));
    const points = folder?.points ?? [];
    return {
      ...info,
      // A run that was resumed has lost the points after its checkpoint: then all are told anew.
      points: points.slice(after <= points.length ? after : 0),
      total: points.length,
      samples: folder?.samples ?? [],
    };
  }

  async sample(id: string, file: string): Promise<Uint8Array | undefined> {
    return (await this.isKnown(id)) ? readSample(this.rootOf(id), file) : undefined;
  }

  /** The run that is under way stops with a checkpoint. */
  async close(): Promise<void> {
    if (!this.running) return;
    const { child, ended } = this.running;
    this.running.isPausing = true;
    if (child.connected) child.disconnect();
    await ended;
  }

  private run(id: string, config: unknown, resume: boolean): void {
    const { module, execArgv } = this.parts.entry ?? DEFAULT_ENTRY;
    const child = fork(fileURLToPath(module), [], {
      execArgv: [...execArgv],
      // Output of a library must not get among the server's own.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const running: Running = {
      ...{ id, child, ended },
      ...{ isPausing: false, hasStarted: false, step: 0, pace: undefined },
    };
    this.running = running;
    let last: TrainingNews | undefined;
    child.on('message', (news: TrainingNews) => {
      last = news;
      if (news.type === 'started' || news.type === 'step') {
        running.hasStarted = true;
        running.step = news.step;
      }
      if (news.type === 'step') running.pace = news;
    });
    child.on('error', () => undefined);
    void ended.then(async (code) => {
      const error =
        last?.type === 'failed'
          ? last.error
          : code === 0
            ? undefined
            : 'the process that trains has stopped: resume it from its last checkpoint';
      if (error !== undefined) await this.noteFailure(id, error);
      this.running = undefined;
    });
    const order: TrainingOrder = {
      ...{ directory: this.rootOf(id), config, resume },
      session: this.parts.session,
    };
    child.send(order);
  }

  private checkIdle(): void {
    if (!this.running) return;
    throw new HttpProblem(
      429,
      'a run is being trained already, and two would halve each other’s speed: pause it first',
    );
  }

  private async info(id: string): Promise<TrainingRunInfo | undefined> {
    if (!(await this.isKnown(id))) return undefined;
    const isOwn = id.startsWith('own-');
    const note = isOwn ? await this.note(id) : undefined;
    const folder = await readRunFolder(this.rootOf(id));
    if (!folder && !note) return undefined;
    const running = this.running?.id === id ? this.running : undefined;
    const state = running ? stateOfRunning(running) : stateOf(folder, note, isOwn);
    return {
      id,
      name: note?.name ?? id.replace(/^other-/, ''),
      type: folder?.type ?? 'inverter',
      about: folder?.about ?? '',
      ...{ state, isOwn },
      step: running?.hasStarted ? running.step : (folder?.step ?? 0),
      steps: folder?.steps ?? 0,
      ...(running?.pace && {
        imagesPerSecond: running.pace.imagesPerSecond,
        secondsLeft: running.pace.secondsLeft,
      }),
      ...(note?.error !== undefined && !running && { error: note.error }),
      ...(state === 'finished' && folder?.model !== undefined && { model: folder.model }),
      changedAt: (folder?.changedAt ?? new Date()).toISOString(),
      settings: folder?.settings ?? {},
    };
  }

  /** Throws HttpProblem for runs that the studio did not start. */
  private async ownRun(id: string): Promise<TrainingRunInfo> {
    const info = await this.info(id);
    if (!info) throw noRun();
    if (info.isOwn) return info;
    throw new HttpProblem(
      400,
      `“${info.name}” was started with featinv train, which goes on with it, too: --out ${this.rootOf(id)} --resume`,
    );
  }

  private async ids(): Promise<string[]> {
    const own = await folderNames(this.parts.folder);
    const others = await folderNames(this.parts.others);
    return [...own.map((name) => `own-${name}`), ...others.map((name) => `other-${name}`)].filter(
      (id) => ID.test(id),
    );
  }

  /** Only what the folders list, so that no id leads out of them. */
  private async isKnown(id: string): Promise<boolean> {
    return ID.test(id) && (await this.ids()).includes(id);
  }

  private rootOf(id: string): string {
    const [, kind, name] = ID.exec(id)!;
    return path.join(kind === 'own' ? this.parts.folder : this.parts.others, name!);
  }

  private async note(id: string): Promise<Note | undefined> {
    const text = await readFile(path.join(this.rootOf(id), NOTE), 'utf8').catch(absent);
    const parsed = text === undefined ? undefined : noteSchema.safeParse(JSON.parse(text));
    return parsed?.data;
  }

  private writeNote(id: string, note: Note): Promise<void> {
    return writeAtomic(path.join(this.rootOf(id), NOTE), `${JSON.stringify(note, null, 2)}\n`);
  }

  private async noteFailure(id: string, error: string): Promise<void> {
    const note = await this.note(id).catch(absent);
    if (note) await this.writeNote(id, { ...note, error });
  }
}

export const noRun = (): HttpProblem =>
  new HttpProblem(404, 'there is no such run here (any more)');

function stateOfRunning({ isPausing, hasStarted }: Running): TrainingRunInfo['state'] {
  if (isPausing) return 'pausing';
  return hasStarted ? 'running' : 'starting';
}

function stateOf(
  folder: RunFolder | undefined,
  note: Note | undefined,
  isOwn: boolean,
): TrainingRunInfo['state'] {
  if (note?.error !== undefined) return 'failed';
  if (folder && folder.steps > 0 && folder.step >= folder.steps && folder.model) return 'finished';
  const isFresh = folder !== undefined && Date.now() - folder.changedAt.getTime() < FRESH_MS;
  return !isOwn && isFresh ? 'elsewhere' : 'paused';
}

async function folderNames(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function absent(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}
