import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import { decodeImage } from '../../src/images/read-image.js';
import { loadInverter, mix, steer, readConcepts } from '../../src/index.js';
import type {
  ConceptSetList,
  ConceptsResult,
  JobInfo,
  JobList,
  JobStep,
  LookResult,
  MixResult,
  Sampling,
  SteerResult,
  StepRole,
} from '../../src/server/api.js';
import { blobs, makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import {
  errorOf,
  makeStudioFolder,
  parse,
  removeFolder,
  startTestStudio,
  type SentEvent,
  type TestStudio,
} from './test-studio.js';

let micro: MicroModels;
let folder: string;
let test: TestStudio;
let pictures: string[];

beforeAll(async () => {
  micro = await makeMicroModels();
  folder = await makeStudioFolder();
  test = await startTestStudio(folder, { model: micro.inverter });
  pictures = [];
  for (const seed of [0, 1]) {
    const bytes = await encodePng(blobs(seed, 80, 64));
    pictures.push((await test.client.picture(bytes)).id);
  }
});

afterAll(async () => {
  await test.studio.close();
  await removeFolder(folder);
  await micro.remove();
});

async function imageOf(job: JobInfo, name: string) {
  const answer = await test.client.raw('GET', `/api/jobs/${job.id}/files/${name}`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('image/png');
  return decodeImage(answer.body, name);
}

const states = (events: readonly SentEvent[]): string[] =>
  events.filter(({ event }) => event === 'state').map(({ data }) => (data as JobInfo).state);

const stepsOf = (events: readonly SentEvent[], role: StepRole): JobStep[] =>
  events
    .filter(({ event }) => event === 'step')
    .map(({ data }) => data as JobStep)
    .filter((step) => step.role === role);

const samplingOf = ({ request }: JobInfo): Sampling =>
  (request as { readonly sampling: Sampling }).sampling;

const bytesOf = (dataUri: string): Buffer => Buffer.from(dataUri.split(',')[1]!, 'base64');

const filled = <T>(length: number, value: T): T[] => Array.from({ length }, () => value);

describe('a look', () => {
  it('gives the pictures that the library gives, step by step', async () => {
    const [picture] = pictures as [string];
    const job = await test.client.ask({
      kind: 'look',
      picture,
      inverter: 'micro',
      samples: 2,
      seed: 7,
      sampling: { steps: 4 },
    });
    expect(job.request).toMatchObject({
      seed: 7,
      samples: 2,
      sampling: { sampler: 'dpm++', steps: 4, guidance: 2, guidanceMode: 'joint', eta: 0 },
    });
    const events = await test.client.events(job.id);
    const steps = events.filter(({ event }) => event === 'step').map(({ data }) => data as JobStep);
    expect(steps.map(({ done }) => done)).toEqual([1, 2, 3]);
    for (const { pictures: shown } of steps) {
      expect(shown.map(({ seed }) => seed)).toEqual([7, 8]);
      expect(shown[0]!.image).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
    }
    const ended = await test.client.get<JobInfo>(`/api/jobs/${job.id}`);
    expect(ended).toMatchObject({ state: 'done', kind: 'look' });
    const result = ended.result as LookResult;
    expect(result.outputs.map(({ seed }) => seed)).toEqual([7, 8]);
    expect(result.top5).toHaveLength(5);

    const inverter = await loadInverter(micro.inverter, { threads: 1 });
    const map = await inverter.features(path.join(micro.photographs, '0.png'));
    const expected = await inverter.reconstruct(map, { steps: 4, samples: 2, seed: 7 });
    await inverter.dispose();
    for (const [k, { image, cosineMap, cosine }] of result.outputs.entries()) {
      expect(await imageOf(ended, image)).toEqual(expected[k]!.image);
      expect(cosineMap).toHaveLength(7);
      const mean = cosineMap.flat().reduce((sum, value) => sum + value, 0) / 49;
      expect(mean).toBeCloseTo(cosine.mean, 3);
    }
    expect(await imageOf(ended, result.original)).toMatchObject({ width: 64, height: 64 });
  });

  it('answers the same request from what it has kept, whoever asks and however often it shows', async () => {
    const request = { kind: 'look', picture: pictures[0]!, inverter: 'micro', seed: 9 } as const;
    const first = await test.client.ask(request);
    const [a, b] = await Promise.all([test.client.result(first.id), test.client.result(first.id)]);
    expect(a).toEqual(b);
    const again = await test.client.post('/api/jobs', { ...request, every: 0, samples: 1 });
    expect(again.status).toBe(200);
    expect(parse(again.body)).toEqual(a);
    const other = await test.client.post('/api/jobs', { ...request, samples: 2 });
    expect(other.status).toBe(201);
    await test.client.result((parse(other.body) as JobInfo).id);
  });

  it('sends the events in order, and goes on where a connection broke off', async () => {
    const job = await test.client.ask({
      kind: 'look',
      picture: pictures[1]!,
      inverter: 'micro',
      sampling: { steps: 60 },
      samples: 4,
    });
    const isStep = ({ event, data }: SentEvent): boolean =>
      event === 'step' && (data as JobStep).done >= 5;
    const before = await test.client.events(job.id, undefined, isStep);
    const after = await test.client.events(job.id, before.at(-1)!.id);
    const steps = [...before, ...after]
      .filter(({ event }) => event === 'step')
      .map(({ data }) => (data as JobStep).done);
    expect(steps).toEqual(Array.from({ length: 59 }, (_, i) => i + 1));
    expect(states(after)).toEqual(['done']);
    expect(after.at(-1)!.id).toBe('end');
    const unknown = await test.client.events(job.id, 'another-server-5');
    expect(states(unknown)).toEqual(['done']);
    const over = await test.client.raw('GET', `/api/jobs/${job.id}/events`, {
      'Last-Event-ID': 'end',
    });
    expect(over.status).toBe(204);
  });
});

describe('concepts and steering', () => {
  it('fits concepts, lists them with cards, and steers as the library does', async () => {
    const asked = await test.client.ask({
      kind: 'concepts',
      inverter: 'micro',
      method: 'kmeans',
      count: 3,
    });
    const { name } = (await test.client.result(asked.id)).result as ConceptsResult;
    const { sets } = await test.client.get<ConceptSetList>('/api/concepts?inverter=micro');
    expect(sets.map((set) => set.name)).toEqual([name]);
    expect(sets[0]!.cards).toHaveLength(3);
    const shares = sets[0]!.cards.map(({ energyShare }) => energyShare);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(shares).toEqual([...shares].sort((x, y) => y - x));
    const { file } = sets[0]!.cards[0]!.patches[0]!;
    const patch = await test.client.raw('GET', `/api/concepts/${name}/files/${file}`);
    expect(await decodeImage(patch.body, file)).toMatchObject({ width: 96, height: 96 });
    const others = await test.client.get<ConceptSetList>('/api/concepts?inverter=lite0-14x14');
    expect(others.sets).toEqual([]);

    const region = Array.from({ length: 49 }, (_, i) => (i % 7 < 3 ? 1 : 0));
    const job = await test.client.ask({
      kind: 'steer',
      picture: pictures[0]!,
      inverter: 'micro',
      concepts: name,
      concept: 1,
      scale: 3,
      samples: 2,
      region,
    });
    const events = await test.client.events(job.id);
    // What is drawn before is shown to its last step, since more follows.
    const { steps: count } = samplingOf(job);
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    expect(stepsOf(events, 'before').map(({ done }) => done)).toEqual(numbers);
    expect(stepsOf(events, 'after').map(({ done }) => done)).toEqual(numbers.slice(0, -1));
    const done = events.at(-1)!.data as JobInfo;
    const result = done.result as SteerResult;
    const last = stepsOf(events, 'before').at(-1)!;
    for (const [k, { seed, image }] of last.pictures.entries()) {
      expect(seed).toBe(100 + k);
      const shown = await decodeImage(bytesOf(image), 'step');
      const { data } = await imageOf(done, result.outputs[k]!.before);
      // The last step divides by its noise level once more.
      expect(shown.data.every((value, i) => Math.abs(value - data[i]!) <= 1)).toBe(true);
    }
    const inverter = await loadInverter(micro.inverter, { threads: 1 });
    const photograph = path.join(micro.photographs, '0.png');
    const fitted = await readConcepts(path.join(folder, 'data', 'concepts', name));
    const { scales } = await steer(inverter, photograph, fitted, {
      ...{ concept: 1, scales: [1, 3], seeds: 2 },
      region: { kind: 'box', x: 0, y: 0, width: 3 / 7, height: 1 },
    });
    await inverter.dispose();
    for (const [k, { seed, before, after }] of result.outputs.entries()) {
      expect(seed).toBe(100 + k);
      expect(await imageOf(done, before)).toEqual(scales[0]!.samples[k]!.image);
      expect(await imageOf(done, after)).toEqual(scales[1]!.samples[k]!.image);
    }
    expect(result.difference.meanAbsolute).toBeCloseTo(scales[1]!.difference.meanAbsolute, 6);
    expect(result.activation.map((row) => row.length)).toEqual(filled(7, 7));
    expect(result.classes).toHaveLength(5);
  });

  it('fits again when the concepts have been removed', async () => {
    const request = { kind: 'concepts', inverter: 'micro', method: 'pca', count: 2 } as const;
    const first = await test.client.ask(request);
    const { name } = (await test.client.result(first.id)).result as ConceptsResult;
    expect((await test.client.ask(request)).id).toBe(first.id);
    await removeFolder(path.join(folder, 'data', 'concepts', name));
    const second = await test.client.ask(request);
    expect(second.id).not.toBe(first.id);
    expect((await test.client.result(second.id)).state).toBe('done');
  });
});

describe('a mix', () => {
  it('gives the picture that the library gives', async () => {
    const [a, b] = pictures as [string, string];
    const region = { x: 0, y: 0, width: 0.5, height: 1 };
    const operation = 'paste';
    const job = await test.client.ask({
      ...{ kind: 'mix', a, b, inverter: 'micro', alpha: 0.8, operation, region, seed: 3 },
    });
    const events = await test.client.events(job.id);
    const steps = stepsOf(events, 'drawn');
    expect(steps.length).toBe(samplingOf(job).steps - 1);
    expect(steps.every(({ pictures: [one] }) => one!.seed === 3)).toBe(true);
    const done = events.at(-1)!.data as JobInfo;
    const result = done.result as MixResult;
    const inverter = await loadInverter(micro.inverter, { threads: 1 });
    const files = ['0.png', '1.png'].map((name) => path.join(micro.photographs, name));
    const { frames } = await mix(inverter, files, {
      ...{ op: operation, alphas: [0.8], seed: 3, region: { kind: 'box', ...region } },
    });
    await inverter.dispose();
    const [sample] = frames[0]!.samples;
    expect(await imageOf(done, result.outputs[0]!.image)).toEqual(sample!.image);
    expect(result.outputs[0]!.cosine).toEqual(sample!.cosine);
    expect(result.parents).toHaveLength(2);
    expect(result.predicted).toHaveLength(5);
  });
});

describe('the queue', () => {
  const slow = (seed: number) =>
    ({
      kind: 'look',
      picture: pictures[0]!,
      inverter: 'micro',
      samples: 8,
      seed,
      sampling: { steps: 250 },
      every: 0,
    }) as const;

  it('cancels a job that runs and one that waits, and moves the others up', async () => {
    const running = await test.client.ask(slow(1000));
    const waiting = await test.client.ask(slow(1001));
    const last = await test.client.ask({ ...slow(1002), sampling: { steps: 2 } });
    expect([waiting, last].map(({ position }) => position)).toEqual([1, 2]);
    const watched = test.client.events(last.id);
    const cancelled = parse((await test.client.delete(`/api/jobs/${waiting.id}`)).body) as JobInfo;
    expect(cancelled.state).toBe('cancelled');
    await test.client.delete(`/api/jobs/${running.id}`);
    expect((await test.client.result(running.id)).state).toBe('cancelled');
    const seen = await watched;
    expect(states(seen).at(-1)).toBe('done');
    // Ended jobs stay as they are.
    const late = parse((await test.client.delete(`/api/jobs/${last.id}`)).body) as JobInfo;
    expect(late.state).toBe('done');
    // A cancelled request can be asked again.
    const again = await test.client.ask(slow(1001));
    expect(again.id).not.toBe(waiting.id);
    await test.client.delete(`/api/jobs/${again.id}`);
    await test.client.result(again.id);
  });

  it('refuses more than may wait, and lets two clients ask for the same', async () => {
    const { queue } = (await test.client.info()).limits;
    const running = await test.client.ask(slow(2000));
    const answers = [];
    for (let i = 1; i <= queue + 1; i++) {
      answers.push(await test.client.post('/api/jobs', slow(2000 + i)));
    }
    expect(answers.map(({ status }) => status)).toEqual([...filled(queue, 201), 429]);
    expect(errorOf(answers.at(-1)!)).toMatch(/32 jobs are waiting already/);
    const same = await test.client.post('/api/jobs', slow(2001));
    expect(same.status).toBe(200);
    const { jobs } = await test.client.get<JobList>(`/api/jobs?limit=${queue + 1}`);
    expect(jobs.map(({ state }) => state)).toEqual([...filled(queue, 'queued'), 'running']);
    for (const { id } of jobs) await test.client.delete(`/api/jobs/${id}`);
    expect((await test.client.result(running.id)).state).toBe('cancelled');
  });

  it('tells why a job failed', async () => {
    const bytes = await readFile(path.join(micro.photographs, '2.png'));
    const { id } = await test.client.picture(bytes);
    const file = path.join(folder, 'data', 'pictures', id);
    await removeFolder(file);
    const job = await test.client.ask({ kind: 'look', picture: id, inverter: 'micro' });
    const ended = await test.client.result(job.id);
    expect(ended.state).toBe('failed');
    expect(ended.error).toBe('the picture is not here any more: add it again');
    expect((await test.client.ask({ kind: 'look', picture: id, inverter: 'micro' })).id).not.toBe(
      job.id,
    );
  });

  it('meets no defects in all this', () => expect(test.defects).toEqual([]));
});
