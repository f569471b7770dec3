/** Training through the server's API, with a real process that trains. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  TrainingOverview,
  TrainingRequest,
  TrainingRun,
  TrainingRunInfo,
} from '../../src/server/api.js';
import { readRecipes, recipesFolder } from '../../src/server/training/recipes.js';
import {
  errorOf,
  makeStudioFolder,
  parse,
  removeFolder,
  startTestStudio,
  type TestStudio,
} from './test-studio.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { writeMicroRecipe } from './micro-recipe.js';
import { until } from '../support/until.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const REQUEST: TrainingRequest = {
  ...{ name: 'A small run', recipe: 'micro', data: 'shipped' },
  ...{ steps: 4, batchSize: 1, learningRate: 1e-3, seed: 3 },
};

let folder: string;
let server: TestStudio;
let micro: MicroModels;

const start = () => startTestStudio(folder, { recipes: writeMicroRecipe(micro) });

beforeAll(async () => {
  folder = await makeStudioFolder();
  micro = await makeMicroModels();
  server = await start();
});

afterAll(async () => {
  await server.studio.close();
  expect(server.defects).toEqual([]);
  await removeFolder(folder);
  await micro.remove();
});

const overview = () => server.client.get<TrainingOverview>('/api/training');
const read = (id: string) => server.client.get<TrainingRun>(`/api/training/${id}`);
const begin = async (change: Partial<TrainingRequest> = {}): Promise<TrainingRunInfo> => {
  const { status, body } = await server.client.post('/api/training', { ...REQUEST, ...change });
  expect(status, body.toString()).toBe(201);
  return parse(body) as TrainingRunInfo;
};
const reaches = (id: string, state: TrainingRunInfo['state'], step = 0): Promise<void> =>
  until(async () => {
    const run = await read(id);
    if (run.error !== undefined && state !== 'failed') throw new Error(run.error);
    return run.state === state && run.step >= step;
  }, `${state} at step ${step}`);

describe('the shipped recipes', () => {
  it('are one for each released inverter', async () => {
    const names = (await readRecipes(recipesFolder())).map(({ info }) => info.name);
    expect(names).toEqual(['lite0-14x14', 'lite0-7x7', 'lite0-7x7-pooled']);
  });
});

describe('a run of training', () => {
  it('begins with a recipe and shipped photographs, and ends with an inverter', async () => {
    const { recipes, data, runs } = await overview();
    expect(recipes).toMatchObject([{ name: 'micro', backbone: 'mobilenet_v1_025', pooled: false }]);
    expect(data[0]).toMatchObject({ name: 'shipped', pictures: 8, isHeldOut: false });
    expect(runs).toEqual([]);
    const { id } = await begin();
    await reaches(id, 'finished');
    const run = await read(id);
    expect(run).toMatchObject({
      ...{
        name: 'A small run',
        type: 'inverter',
        about: 'mobilenet_v1_025 · Conv2d_13_pointwise',
      },
      ...{
        isOwn: true,
        step: 4,
        steps: 4,
        settings: { batchSize: 1, learningRate: 1e-3, seed: 3 },
      },
    });
    expect(run.points.filter(({ type }) => type === 'step').map(({ step }) => step)).toEqual([
      1, 2, 3, 4,
    ]);
    const validation = run.points.findLast(({ type }) => type === 'validation')!;
    expect(validation.values['cosine']).toBeGreaterThan(-1);
    expect(run.points[0]!.values['loss']).toBeGreaterThan(0);
    expect(
      (await server.client.get<TrainingRun>(`/api/training/${id}?after=${run.total}`)).points,
    ).toEqual([]);
    expect(await readdir(run.model!)).toContain('featinv.json');
    const sample = run.samples.at(-1)!;
    const picture = await server.client.raw('GET', `/api/training/${id}/samples/${sample.file}`);
    expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/png']);
  });

  it('that is paused, and whose server is restarted, goes on to the same weights', async () => {
    const straight = await begin({ name: 'straight', steps: 12 });
    await reaches(straight.id, 'finished');
    const broken = await begin({ name: 'broken', steps: 12 });
    await reaches(broken.id, 'running', 2);
    const paused = await server.client.post(`/api/training/${broken.id}/pause`, {});
    expect((parse(paused.body) as TrainingRunInfo).state).toBe('pausing');
    await reaches(broken.id, 'paused');
    expect((await read(broken.id)).step).toBeLessThan(12);
    expect((await server.client.post(`/api/training/${broken.id}/resume`, {})).status).toBe(200);
    const { step } = await read(broken.id);
    await reaches(broken.id, 'running', step + 1);

    await server.studio.close();
    server = await start();
    expect((await read(broken.id)).state).toBe('paused');
    await server.client.post(`/api/training/${broken.id}/resume`, {});
    await reaches(broken.id, 'finished');
    const weights = async (id: string): Promise<Buffer> =>
      readFile(path.join((await read(id)).model!, 'controlnet.safetensors'));
    expect((await weights(broken.id)).equals(await weights(straight.id))).toBe(true);
  });

  it('is one at a time, is not removed while it runs, and is gone afterwards', async () => {
    const { id } = await begin({ steps: 1000 });
    const second = await server.client.post('/api/training', REQUEST);
    expect([second.status, errorOf(second)]).toEqual([
      429,
      expect.stringContaining('pause it first'),
    ]);
    const early = await server.client.delete(`/api/training/${id}`);
    expect([early.status, errorOf(early)]).toEqual([
      400,
      expect.stringContaining('pause it before'),
    ]);
    await reaches(id, 'running', 1);
    await server.client.post(`/api/training/${id}/pause`, {});
    await reaches(id, 'paused');
    expect((await server.client.delete(`/api/training/${id}`)).status).toBe(204);
    expect((await server.client.raw('GET', `/api/training/${id}`)).status).toBe(404);
  });

  it('says why it failed, and can be tried again', async () => {
    const { id } = await begin({ learningRate: 1, steps: 2, name: '../../secret' });
    await until(async () => ['failed', 'finished'].includes((await read(id)).state), 'over');
    expect(id).toMatch(/^own-secret-[0-9a-f]{6}$/);
    expect((await overview()).runs.find((run) => run.id === id)?.name).toBe('../../secret');
  });

  it.each([
    [{ recipe: 'resnet' }, 'there is no recipe "resnet": there are micro'],
    [{ data: '/etc' }, 'there is no data "/etc": there are shipped'],
    [{ steps: 0 }, '"steps"'],
    [{ batchSize: 1000 }, '"batchSize"'],
    [{ name: ' ' }, '"name"'],
    [{ learningRate: 0 }, '"learningRate"'],
    [{ path: '/' }, '"path" is not a field'],
  ])('is refused for %o', async (change, sentence) => {
    const answer = await server.client.post('/api/training', { ...REQUEST, ...change });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringContaining(sentence)]);
  });
});

describe('runs of featinv train', () => {
  it('are shown and left alone', async () => {
    const root = path.join(folder, 'runs', 'mine');
    await mkdir(path.join(root, 'samples'), { recursive: true });
    const config = { type: 'denoiser', trainer: { steps: 10, batchSize: 2, learningRate: 1e-3 } };
    await writeFile(path.join(root, 'config.json'), JSON.stringify(config));
    const lines = [
      { type: 'step', step: 1, loss: 2.5, seconds: 1 },
      { type: 'validation', step: 1, loss: 2 },
    ];
    // The last line is torn, as a killed process leaves it.
    const log = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"type":"st`;
    await writeFile(path.join(root, 'log.jsonl'), log);
    const run = await read('other-mine');
    expect(run).toMatchObject({ name: 'mine', type: 'denoiser', state: 'elsewhere', isOwn: false });
    expect(run.points.map(({ values }) => values['loss'])).toEqual([2.5, 2]);
    const answer = await server.client.post('/api/training/other-mine/pause', {});
    expect([answer.status, errorOf(answer)]).toEqual([
      400,
      expect.stringContaining('featinv train'),
    ]);
  });

  it('lead nowhere else', async () => {
    for (const id of ['other-..', 'own-..', 'other-mine%2F..', '..%2F..', 'other-.', 'own-.']) {
      const answer = await server.client.raw('GET', `/api/training/${id}`);
      expect(answer.status, id).toBe(404);
    }
    for (const file of [
      '..%2Fconfig.json',
      'step-1.png',
      '%2e%2e%2flog.jsonl',
      'step-000001-x.png',
    ]) {
      const answer = await server.client.raw('GET', `/api/training/other-mine/samples/${file}`);
      expect(answer.status, file).toBe(404);
    }
    const late = await server.client.raw('GET', '/api/training/other-mine?after=-1');
    expect([late.status, errorOf(late)]).toEqual([400, expect.stringContaining('after must be')]);
  });
});
