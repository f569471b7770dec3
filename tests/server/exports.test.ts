/** Results as files, and whether the command lines in them give the same pictures. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import { decodeImage } from '../../src/images/read-image.js';
import type {
  ConceptsResult,
  JobInfo,
  JobRequest,
  ResultNumbers,
  SteerRequest,
} from '../../src/server/api.js';
import { buildCli, runFeatinv } from '../cli/run-featinv.js';
import { blobs, makeMicroModels, MICRO_MAP, type MicroModels } from '../inversion/micro-models.js';
import {
  errorOf,
  makeStudioFolder,
  parse,
  removeFolder,
  startTestStudio,
  type TestStudio,
} from './test-studio.js';

let micro: MicroModels;
let folder: string;
let work: string;
let test: TestStudio;
let a: string;
let b: string;

beforeAll(async () => {
  buildCli();
  micro = await makeMicroModels();
  folder = await makeStudioFolder();
  work = await mkdtemp(path.join(tmpdir(), 'featinv-exports-'));
  test = await startTestStudio(folder, { model: micro.inverter });
  const upload = async (seed: number, name: string): Promise<string> => {
    const png = await encodePng(blobs(seed, 80, 64));
    return (parse((await test.client.upload(png, 'image/png', name)).body) as { id: string }).id;
  };
  a = await upload(0, '0.png');
  b = await upload(1, 'b & <b>.png');
});

afterAll(async () => {
  await test.studio.close();
  await removeFolder(folder);
  await rm(work, { recursive: true });
  await micro.remove();
});

async function done(request: JobRequest): Promise<JobInfo> {
  return test.client.result((await test.client.ask(request)).id);
}

async function page(job: JobInfo): Promise<string> {
  const { status, headers, body } = await test.client.raw('GET', `/api/jobs/${job.id}/report.html`);
  expect(status).toBe(200);
  expect(headers['content-disposition']).toMatch(
    /^attachment; filename="featinv-\w+-\d+-\w{8}\.html"$/,
  );
  expect(headers['content-security-policy']).toContain('sandbox');
  expect(body.toString()).not.toMatch(/<script|undefined|\[object/);
  return body.toString();
}

/** The command lines of a page. */
function commandsOf(html: string): string[] {
  const text = /<pre><code>([^<]*)<\/code><\/pre>/.exec(html)![1]!;
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
  return text.replaceAll(/&([a-z]+|#39);/g, (_, name: string) => entities[name]!).split('\n');
}

/** Runs one of them with the micro model and pictures; gives the folder of what it wrote. */
async function rerun(command: string, out: string): Promise<string> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain!,
  );
  const places: Record<string, string> = {
    micro: micro.inverter,
    photos: micro.photographs,
    concepts: path.join(folder, 'data', 'concepts', conceptsName),
    '0.png': path.join(micro.photographs, '0.png'),
    'b & <b>.png': path.join(micro.photographs, '1.png'),
  };
  const [program, ...args] = words;
  expect(program).toBe('featinv');
  const target = path.join(work, out);
  const { code, stderr } = await runFeatinv([
    ...args.map((word) => places[word] ?? word),
    ...['--out', target, '--threads', '1'],
  ]);
  expect(code, stderr).toBe(0);
  return target;
}

let conceptsName = '';

const sampling = {
  steps: 3,
  sampler: 'ddim',
  eta: 0.5,
  guidance: 1.5,
  guidanceMode: 'text',
} as const;

async function picture(job: JobInfo, name: string) {
  const { body } = await test.client.raw('GET', `/api/jobs/${job.id}/files/${name}`);
  return decodeImage(body, name);
}

const written = async (...parts: string[]) => {
  const file = path.join(...parts);
  return decodeImage(await readFile(file), file);
};

describe('a look', () => {
  it('is saved as numbers and as a page whose command draws it again', async () => {
    const job = await done({
      ...{ kind: 'look', picture: a, inverter: 'micro', seed: 5, samples: 2, sampling },
    });
    const answer = await test.client.raw('GET', `/api/jobs/${job.id}/result.json`);
    expect(answer.headers['content-disposition']).toMatch(/"featinv-look-5-\w{8}\.json"$/);
    const numbers = parse(answer.body) as ResultNumbers;
    expect(numbers).toMatchObject({ request: job.request, result: job.result });
    expect(numbers.pictures).toEqual({ [a]: '0.png' });
    expect(numbers.weights.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    const html = await page(job);
    expect(html.match(/<img src="data:image\/png;base64,/g)).toHaveLength(3);
    expect(html).toContain('<dt>seed</dt>');
    const out = await rerun(commandsOf(html)[0]!, 'look');
    for (const seed of [5, 6]) {
      expect(await written(out, `0.micro.${seed}.png`)).toEqual(
        await picture(job, `reconstruction-${seed}.png`),
      );
    }
  });
});

describe('a mix', () => {
  it('is saved as a page whose command draws it again, whatever its pictures are called', async () => {
    const region = { x: 0, y: 0, width: 0.5, height: 1 };
    const job = await done({
      ...{ kind: 'mix', a, b, inverter: 'micro', seed: 3, alpha: 0.8, operation: 'paste', region },
      sampling,
    });
    const html = await page(job);
    expect(html).toContain('b &amp; &lt;b&gt;.png');
    expect(html.match(/<img /g)).toHaveLength(3);
    const [command] = commandsOf(html);
    expect(command).toContain(`'b & <b>.png' --op paste --alpha 0.8:0.8:1 --region 0,0,0.5,1`);
    const out = await rerun(command!, 'mix');
    expect(await written(out, 'frame-000.3.png')).toEqual(await picture(job, 'mixed-3.png'));
  });
});

describe('a steering', () => {
  it('is saved as a page whose commands draw it again; concepts alone are not to be saved', async () => {
    const fit = await done({ kind: 'concepts', inverter: 'micro', method: 'kmeans', count: 3 });
    conceptsName = (fit.result as ConceptsResult).name;
    const none = await test.client.raw('GET', `/api/jobs/${fit.id}/report.html`);
    expect([none.status, errorOf(none)]).toEqual([404, 'this job has no result to save']);
    const job = await done({
      ...{ kind: 'steer', picture: a, inverter: 'micro', seed: 3, samples: 2, sampling },
      ...{ concepts: conceptsName, concept: 1, scale: 2.5 },
    });
    const html = await page(job);
    expect(html.match(/<img /g)).toHaveLength(6);
    const [fitting, steering] = commandsOf(html);
    expect(fitting).toBe(
      'featinv concepts fit --images photos --method kmeans --count 3 --model micro --out concepts',
    );
    const out = await rerun(steering!, 'steer');
    expect(await written(out, 'scale-2.5.3.png')).toEqual(await picture(job, 'after-3.png'));
    expect(html).not.toContain('where it was steered');
    const [, height, width] = MICRO_MAP;
    const region = Array.from({ length: height * width }, (_, i) => (i === 0 ? 1 : 0));
    const local = await done({ ...(job.request as SteerRequest), samples: 1, region });
    const shown = await page(local);
    expect(shown).toContain('where it was steered');
    expect(shown).toContain('# MASK.png: white where the region was painted');
  });
});
