import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type {
  JobInfo,
  JobProgress,
  JobRequest,
  PictureInfo,
  StudioInfo,
} from '../../src/server/api.js';
import { startStudio, type Studio, type StudioOptions } from '../../src/server/start-studio.js';

const WORKER = new URL('./worker-entry.mjs', import.meta.url);
const TRAINING = { module: new URL('./training-entry.mjs', import.meta.url), execArgv: [] };

/** A fresh folder with places for data, reports and a built page. */
export async function makeStudioFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'featinv-studio-'));
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  };
  await write('secret.txt', 'outside of everything');
  await write('page/index.html', '<!doctype html><title>the page</title>');
  await write('page/assets/index-B3xK9_aQ.js', 'export {};');
  await write(
    'reports/layers/report.html',
    '<!doctype html><title>Layers &amp; places</title><p>x</p>',
  );
  return folder;
}

export interface TestStudio {
  readonly studio: Studio;
  readonly client: StudioClient;
  /** What the server took for defects of its own. */
  readonly defects: unknown[];
}

/** A real server at a free port, with its worker from sources. */
export async function startTestStudio(
  folder: string,
  options: Partial<StudioOptions> = {},
): Promise<TestStudio> {
  const defects: unknown[] = [];
  const studio = await startStudio({
    data: path.join(folder, 'data'),
    reports: path.join(folder, 'reports'),
    runs: path.join(folder, 'runs'),
    page: path.join(folder, 'page'),
    port: 0,
    session: { threads: 1 },
    workerEntry: WORKER,
    trainingEntry: TRAINING,
    onDefect: (error) => defects.push(error),
    ...options,
  });
  return { studio, client: new StudioClient(studio.url), defects };
}

export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true });

export interface RawAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Of a job whose sessions are compiled: from here on it stops between two steps. */
export const isComputing = ({ event, data }: SentEvent): boolean =>
  event === 'progress' && (data as JobProgress).done > 0;

/** Asks as the studio's own page does, unless told otherwise. */
export class StudioClient {
  readonly origin: string;

  constructor(readonly url: string) {
    this.origin = new URL(url).origin;
  }

  /** Sends a path and headers as they are: `fetch` would tidy them up. */
  raw(
    method: string,
    target: string,
    headers: Record<string, string> = {},
    body?: Uint8Array | string,
  ): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.origin);
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { method, path: target, hostname, port, headers, agent: false },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              body: Buffer.concat(pieces),
            }),
          );
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  async get<Answer>(target: string): Promise<Answer> {
    return (await this.json('GET', target)) as Answer;
  }

  info(): Promise<StudioInfo> {
    return this.get('/api/studio');
  }

  post(target: string, body: unknown): Promise<RawAnswer> {
    const headers = { Origin: this.origin, 'Content-Type': 'application/json' };
    return this.raw('POST', target, headers, JSON.stringify(body));
  }

  delete(target: string): Promise<RawAnswer> {
    return this.raw('DELETE', target, { Origin: this.origin });
  }

  upload(bytes: Uint8Array, type = 'image/png', name = 'x.png'): Promise<RawAnswer> {
    const headers = { Origin: this.origin, 'Content-Type': type };
    return this.raw('POST', `/api/pictures?name=${encodeURIComponent(name)}`, headers, bytes);
  }

  async picture(bytes: Uint8Array): Promise<PictureInfo> {
    return parse((await this.upload(bytes)).body) as PictureInfo;
  }

  /** The job that a request becomes; throws where it is refused. */
  async ask(request: JobRequest): Promise<JobInfo> {
    const { status, body } = await this.post('/api/jobs', request);
    if (status >= 300) throw new Error(`${status}: ${body.toString()}`);
    return parse(body) as JobInfo;
  }

  /** Events of a job until the stream ends, or until `enough` says so. */
  async events(
    id: string,
    lastSeen?: string,
    enough: (event: SentEvent) => boolean = () => false,
  ): Promise<SentEvent[]> {
    const headers = lastSeen === undefined ? {} : { 'Last-Event-ID': lastSeen };
    const stop = new AbortController();
    const answer = await fetch(`${this.origin}/api/jobs/${id}/events`, {
      headers,
      signal: stop.signal,
    });
    const events: SentEvent[] = [];
    let text = '';
    for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks.filter((one) => one.includes('data:'))) {
        events.push(parseEvent(block));
        if (!enough(events.at(-1)!)) continue;
        stop.abort();
        return events;
      }
    }
    return events;
  }

  /** The job when it has ended. */
  async result(id: string): Promise<JobInfo> {
    const events = await this.events(id);
    return events.findLast(({ event }) => event === 'state')!.data as JobInfo;
  }

  private async json(method: string, target: string): Promise<unknown> {
    const { status, body } = await this.raw(method, target);
    if (status !== 200) throw new Error(`${status}: ${body.toString()}`);
    return parse(body);
  }
}

export const parse = (body: Buffer): unknown => JSON.parse(body.toString());

export const errorOf = (answer: RawAnswer): string =>
  (parse(answer.body) as { error: string }).error;

function parseEvent(block: string): SentEvent {
  const field = (name: string): string =>
    new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? '';
  return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
}
