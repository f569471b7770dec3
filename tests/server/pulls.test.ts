import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PullInfo, PullList, StudioModels } from '../../src/server/api.js';
import {
  classifier,
  freshHub,
  home,
  hub,
  NAME,
  read,
  REPOSITORY,
  weights,
} from '../hub/fresh-hub.js';
import {
  errorOf,
  makeStudioFolder,
  parse,
  removeFolder,
  startTestStudio,
  type TestStudio,
} from './test-studio.js';

freshHub();

let folder: string;
let test: TestStudio;

beforeAll(async () => {
  folder = await makeStudioFolder();
});

afterAll(() => removeFolder(folder));

afterEach(async () => {
  await test.studio.close();
  expect(test.defects).toEqual([]);
});

const start = async (changes: Parameters<typeof hub.settings>[0] = {}): Promise<void> => {
  test = await startTestStudio(folder, { hub: hub.settings(changes) });
};

const ask = (body: unknown) => test.client.post('/api/pulls', body);

const pulls = async (): Promise<readonly PullInfo[]> =>
  (await test.client.get<PullList>('/api/pulls')).pulls;

async function settled(name: string): Promise<PullInfo> {
  for (;;) {
    const found = (await pulls()).find((one) => one.name === name)!;
    if (!['waiting', 'running'].includes(found.state)) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function entry(name: string) {
  const models = await test.client.get<StudioModels>('/api/models');
  return [...models.backbones, ...models.bases, ...models.inverters, ...models.measures].find(
    ({ id }) => id === name,
  )!;
}

describe('a pull', () => {
  it('brings a model, tells how far it is, and the list knows that it is here', async () => {
    hub.repositories.set(REPOSITORY, classifier);
    await start();
    expect(await entry(NAME)).toMatchObject({ here: false, terms: null });
    const answer = await ask({ name: NAME });
    expect(answer.status).toBe(201);
    expect(parse(answer.body)).toMatchObject({ name: NAME, licence: 'Apache-2.0' });
    const done = await settled(NAME);
    const bytes = weights.length + classifier.files['config.json'].length;
    expect(done).toMatchObject({ state: 'done', bytesHere: bytes, bytesTotal: bytes });
    expect(read('backbones', NAME, 'model.safetensors')).toEqual(weights);
    expect(await entry(NAME)).toMatchObject({ here: true });
  });

  it('of something under terms needs consent to them', async () => {
    hub.repositories.set('lambdalabs/miniSD-diffusers', { files: {}, licence: 'openrail' });
    await start();
    const { licence, terms } = await entry('minisd');
    expect([licence, terms]).toEqual([
      'CreativeML OpenRAIL-M',
      'https://huggingface.co/spaces/CompVis/stable-diffusion-license',
    ]);
    for (const body of [{ name: 'minisd' }, { name: 'minisd', agreed: false }]) {
      const refused = await ask(body);
      expect(refused.status).toBe(400);
      expect(errorOf(refused)).toBe(
        `minisd comes under ${licence} (${terms}): read it and agree to it first`,
      );
    }
    expect(hub.seen).toEqual([]);
    expect((await ask({ name: 'minisd', agreed: true })).status).toBe(201);
    // The repository holds nothing: what counts is that it was asked.
    expect((await settled('minisd')).state).toBe('failed');
    expect(hub.seen.length).toBeGreaterThan(0);
  });

  it('is stopped in the middle, waits for others, and goes on from what has arrived', async () => {
    const slow = await slowServer();
    hub.repositories.set(REPOSITORY, classifier);
    await start({ endpoint: slow.address });
    await ask({ name: NAME });
    await ask({ name: 'resnet50.a1_in1k' });
    expect((await ask({ name: NAME })).status).toBe(200);
    await slow.asked;
    expect((await pulls()).map(({ state }) => state)).toEqual(['running', 'waiting']);
    for (const name of ['resnet50.a1_in1k', NAME]) {
      const cancelled = await test.client.delete(`/api/pulls/${name}`);
      expect(parse(cancelled.body)).toMatchObject({ name, state: 'cancelled' });
    }
    await slow.close();
    await test.studio.close();

    await start();
    hub.faults.cdn.push({ whole: true }, { breakAfter: 100_000 }, { status: 404 });
    await ask({ name: NAME });
    expect((await settled(NAME)).state).toBe('failed');
    const [partial] = readdirSync(path.join(home, 'backbones', NAME)).filter((name) =>
      name.endsWith('.part'),
    );
    expect(partial).toBeDefined();
    hub.seen.length = 0;
    await ask({ name: NAME });
    expect((await settled(NAME)).state).toBe('done');
    expect(hub.seen.some(({ range }) => /^bytes=[1-9]/.test(range ?? ''))).toBe(true);
  });

  it('says why it cannot be: no network, forbidden network, names that are none', async () => {
    await start({ offline: true });
    expect((await test.client.get<StudioModels>('/api/models')).isOffline).toBe(true);
    await ask({ name: NAME });
    expect(await settled(NAME)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('HF_HUB_OFFLINE forbids') as string,
    });
    await test.studio.close();
    const gone = await slowServer();
    await gone.close();
    await start({ endpoint: gone.address });
    await ask({ name: NAME });
    expect(await settled(NAME)).toMatchObject({
      error: `cannot reach ${new URL(gone.address).host}: it refuses connections`,
    });
    for (const name of ['../../etc', 'http://127.0.0.1:1/x', 'owner/repository', 'resnet18.a1']) {
      const refused = await ask({ name });
      expect([refused.status, errorOf(refused)]).toEqual([
        400,
        expect.stringContaining(`there is no model "${name}" to fetch`),
      ]);
    }
    expect((await test.client.delete('/api/pulls/nothing')).status).toBe(404);
    expect(existsSync(path.join(home, 'backbones', NAME, 'model.safetensors'))).toBe(false);
  });
});

/** Takes requests and never answers. */
async function slowServer() {
  const open: ServerResponse[] = [];
  const server = createServer((_, response) => void open.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: once(server, 'request'),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
