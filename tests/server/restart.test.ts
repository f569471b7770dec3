import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import type { JobRequest } from '../../src/server/api.js';
import { openDatabase } from '../../src/server/database.js';
import { JobStore } from '../../src/server/jobs/job-store.js';
import { takeDataFolder } from '../../src/server/data-folder.js';
import { blobs, makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { makeStudioFolder, removeFolder, startTestStudio } from './test-studio.js';

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

describe('a studio', () => {
  it('says at the start what is in use and what is not of this machine, and leaves the data folder free', async () => {
    const { studio } = await startTestStudio(folder, { model: micro.inverter });
    await expect(startTestStudio(folder)).rejects.toThrow(/in use by another studio/);
    const other = path.join(folder, 'other');
    const port = Number(new URL(studio.url).port);
    await expect(startTestStudio(other, { port })).rejects.toThrow(
      /port \d+ of 127\.0\.0\.1 is in use: give another --port/,
    );
    const outside = { host: '203.0.113.7' };
    await expect(startTestStudio(other, outside)).rejects.toThrow(/address of this machine/);
    await studio.close();
    for (const name of ['data', 'other/data']) {
      await (await takeDataFolder(path.join(folder, name))).release();
    }
  });

  it('ends the streams of those who watch it', async () => {
    const { studio, client, defects } = await startTestStudio(folder, { model: micro.inverter });
    const { id: picture } = await client.picture(await encodePng(blobs(0, 80, 64)));
    const job = await client.ask({
      ...{ kind: 'look', picture, inverter: 'micro', samples: 4, every: 0 },
      sampling: { steps: 250 },
    });
    let isOpen = (): void => undefined;
    const opened = new Promise<void>((resolve) => (isOpen = resolve));
    const stream = client
      .events(job.id, undefined, () => {
        isOpen();
        return false;
      })
      .catch((error: unknown) => String(error));
    await opened;
    await studio.close();
    expect(await stream).toMatch(/terminated/);
    expect(defects).toEqual([]);
  });
});
