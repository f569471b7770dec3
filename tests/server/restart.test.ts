import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import type { JobList, JobRequest, LookResult } from '../../src/server/api.js';
import { openDatabase } from '../../src/server/database.js';
import { JobStore } from '../../src/server/jobs/job-store.js';
import { takeDataFolder } from '../../src/server/data-folder.js';
import { blobs, makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { isComputing, makeStudioFolder, removeFolder, startTestStudio } from './test-studio.js';

let micro: MicroModels;
let folder: string;

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

beforeEach(async () => {
  folder = await makeStudioFolder();
});

afterEach(() => removeFolder(folder));

const request: JobRequest = { kind: 'look', picture: 'f'.repeat(64), inverter: 'micro' };
const database = (): string => path.join(folder, 'studio.db');

describe('jobs in the database', () => {
  it('come back as they were, and what was running waits again before the others', () => {
    const first = openDatabase(database());
    const store = new JobStore(first);
    const jobs = ['a', 'b', 'c', 'd'].map((key) => store.add(request, key));
    const [done, running, waiting, cancelled] = jobs.map(({ id }) => id) as [
      string,
      string,
      string,
      string,
    ];
    const result = { kind: 'concepts', name: 'x', seconds: 1 } as const;
    store.start(done);
    store.finish(done, { state: 'done', result });
    store.start(running);
    store.finish(cancelled, { state: 'cancelled' });
    first.close();

    const second = openDatabase(database());
    const again = new JobStore(second);
    again.recover();
    expect(again.queued()).toEqual([running, waiting]);
    expect(again.find(done)).toMatchObject({ state: 'done', result, request, key: 'a' });
    expect(again.findSame('a')?.id).toBe(done);
    expect(again.findSame('d')).toBeUndefined();
    expect(again.list(2).map(({ id }) => id)).toEqual([cancelled, waiting]);
    expect(again.prune(1)).toEqual([done]);
    expect(again.find(done)).toBeUndefined();
    second.close();
  });

  it('are given up when the server has ended twice at work on them', () => {
    let id = '';
    for (const expected of ['queued', 'failed']) {
      const opened = openDatabase(database());
      const store = new JobStore(opened);
      if (id === '') ({ id } = store.add(request, 'a'));
      store.start(id);
      store.recover();
      expect(store.find(id)!.state).toBe(expected);
      opened.close();
    }
  });

  it('are not given up for orderly ends', () => {
    const opened = openDatabase(database());
    const store = new JobStore(opened);
    const { id } = store.add(request, 'a');
    for (let i = 0; i < 5; i++) {
      store.start(id);
      store.putBack(id);
    }
    store.start(id);
    store.recover();
    expect(store.queued()).toEqual([id]);
    opened.close();
  });

  it('are refused by an older featinv, and by a file that is no database', async () => {
    const opened = openDatabase(database());
    opened.exec('PRAGMA user_version = 99');
    opened.close();
    expect(() => openDatabase(database())).toThrow(/newer featinv/);
    const text = path.join(folder, 'text.db');
    await writeFile(text, 'this is a text and no database at all, '.repeat(50));
    expect(() => openDatabase(text)).toThrow(/text\.db cannot be opened .* move it away/);
  });
});

describe('a data folder', () => {
  it('belongs to one studio at a time', async () => {
    const data = path.join(folder, 'data');
    const taken = await takeDataFolder(data);
    await expect(takeDataFolder(data)).rejects.toThrow(/in use by another studio/);
    await taken.release();
    await (await takeDataFolder(data)).release();
  });

  it('is free again after its server was killed', async () => {
    const data = path.join(folder, 'data');
    await mkdir(path.join(data, 'studio.db.lock'), { recursive: true });
    // No process has this number; the folder is the lock of the database library.
    await writeFile(path.join(data, 'studio.pid'), '4194305');
    const { studio, client } = await startTestStudio(folder, { model: micro.inverter });
    expect((await client.info()).inverters[0]!.name).toBe('micro');
    await studio.close();
    expect(await readdir(data)).not.toContain('studio.pid');
  });
});

describe('a studio that ends in the middle', () => {
  it('goes on with its jobs at the next start and still has what was done', async () => {
    const first = await startTestStudio(folder, { model: micro.inverter });
    const picture = await first.client.picture(await encodePng(blobs(0, 80, 64)));
    const look = { kind: 'look', picture: picture.id, inverter: 'micro', every: 0 } as const;
    const done = await first.client.ask(look);
    const result = await first.client.result(done.id);
    const running = await first.client.ask({ ...look, samples: 4, sampling: { steps: 80 } });
    const waiting = await first.client.ask({ ...look, seed: 5 });
    await first.client.events(running.id, undefined, isComputing);
    let isOpen = (): void => undefined;
    const opened = new Promise<void>((resolve) => (isOpen = resolve));
    const stream = first.client
      .events(waiting.id, undefined, () => {
        isOpen();
        return false;
      })
      .catch((error: unknown) => String(error));
    await opened;
    await first.studio.close();
    expect(await stream).toMatch(/terminated/);

    const second = await startTestStudio(folder, { model: micro.inverter });
    const { jobs } = await second.client.get<JobList>('/api/jobs');
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      [waiting.id, 'queued'],
      [running.id, 'running'],
      [done.id, 'done'],
    ]);
    expect(await second.client.ask(look)).toEqual(result);
    const { image } = (result.result as LookResult).outputs[0]!;
    const file = await second.client.raw('GET', `/api/jobs/${done.id}/files/${image}`);
    expect(file.status).toBe(200);
    for (const { id } of [running, waiting]) {
      expect((await second.client.result(id)).state).toBe('done');
    }
    await second.studio.close();
    expect([...first.defects, ...second.defects]).toEqual([]);
  });
});
