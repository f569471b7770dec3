import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import { LIMITS } from '../../src/server/limits.js';
import { blobs } from '../inversion/micro-models.js';
import {
  errorOf,
  makeStudioFolder,
  removeFolder,
  startTestStudio,
  type TestStudio,
} from './test-studio.js';

let folder: string;
let test: TestStudio;
let picture: string;

beforeAll(async () => {
  folder = await makeStudioFolder();
  test = await startTestStudio(folder);
  picture = (await test.client.picture(await encodePng(blobs(0, 80, 64)))).id;
});

afterAll(async () => {
  await test.studio.close();
  await removeFolder(folder);
});

const look = () => ({ kind: 'look', picture, inverter: 'lite0-14x14' });
const mixed = () => ({
  ...{ kind: 'mix', a: picture, b: picture, inverter: 'lite0-14x14' },
  ...{ alpha: 0.5, operation: 'lerp' },
});

describe('a request', () => {
  it.each([
    [{ kind: 'lok' }, /"kind"/],
    [{ ...{ kind: 'look', picture: '0'.repeat(64) } }, /"inverter" is missing/],
    [{ seeds: 3 }, /"seeds" is not a field, did you mean "seed"\?/],
    [{ seed: -1 }, /"seed" must be at least 0, got -1/],
    [{ seed: 2 ** 32 }, /"seed" must be at most 4294967295/],
    [{ samples: 9 }, new RegExp(`"samples" must be at most ${LIMITS.samples}, got 9`)],
    [{ samples: 1.5 }, /"samples" must be a whole number, got 1.5/],
    [{ picture: '../secret.txt' }, /"picture": a picture’s id has 64 hexadecimal digits/],
    [{ picture: '0'.repeat(64) }, /there is no picture 000000000000… here/],
    [
      { inverter: 'lite0-14x15' },
      /there is no inverter "lite0-14x15": did you mean "lite0-14x14"\?/,
    ],
    [{ inverter: '../../models' }, /there is no inverter/],
    [{ sampling: { steps: 251 } }, /"sampling.steps" must be at most 250/],
    [{ sampling: { sampler: 'euler' } }, /"sampling.sampler" must be one of "ddim", "dpm\+\+"/],
    [
      { sampling: { sampler: 'dpm++', eta: 1 } },
      /"sampling.eta" must be 0 with dpm\+\+, which adds no noise/,
    ],
    [{ sampling: { guidance: 1e9 } }, /"sampling.guidance" must be at most 100/],
  ])('that says %j is refused with a sentence', async (part, sentence) => {
    const { kind, ...rest } = part as { kind?: string };
    const body = kind === undefined ? { ...look(), ...rest } : { kind, ...rest };
    const answer = await test.client.post('/api/jobs', body);
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringMatching(sentence)]);
  });

  it.each([
    [{ operation: 'paste' }, /"region" is missing: paste needs a rectangle/],
    [{ operation: 'arithmetic' }, /"operation" must be one of "lerp"/],
    [{ alpha: 11 }, /"alpha" must be at most 10/],
    [{ region: { x: 0.6, y: 0, width: 0.5, height: 1 } }, /must have an area and lie within/],
    [{ region: { x: 0, y: 0, width: 0, height: 1 } }, /must have an area/],
    [{ inverter: 'lite0-7x7-pooled', region: { x: 0, y: 0, width: 1, height: 1 } }, /not pooled/],
  ])('for a mix with %j is refused with a sentence', async (part, sentence) => {
    const answer = await test.client.post('/api/jobs', { ...mixed(), ...part });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringMatching(sentence)]);
  });

  it('for steering must name concepts that there are', async () => {
    const steer = { ...look(), kind: 'steer', concept: 0, scale: 1 };
    for (const concepts of ['none', '..', '../concepts', '.hidden', 'a\u0000b']) {
      const answer = await test.client.post('/api/jobs', { ...steer, concepts });
      expect([answer.status, errorOf(answer)]).toEqual([
        400,
        expect.stringMatching(/there are no concepts called .* fit them first/),
      ]);
    }
  });

  it('of any content is answered by 4xx and a sentence, never by a defect', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.record(
        {
          kind: fc.constantFrom('look', 'steer', 'mix', 'concepts', 'x'),
          picture: fc.oneof(fc.string(), fc.constant('f'.repeat(64)), fc.jsonValue()),
          a: fc.string(),
          b: fc.string(),
          inverter: fc.oneof(fc.string(), fc.constant('lite0-7x7'), fc.jsonValue()),
          seed: fc.oneof(fc.double(), fc.integer(), fc.jsonValue()),
          sampling: fc.oneof(
            fc.jsonValue(),
            fc.record({ steps: fc.double(), sampler: fc.string() }, { requiredKeys: [] }),
          ),
          region: fc.oneof(fc.array(fc.double()), fc.jsonValue()),
          concepts: fc.string(),
          __proto__: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(value, async (body) => {
        const answer = await test.client.post('/api/jobs', body);
        expect(answer.status).toBe(400);
        expect(errorOf(answer)).toMatch(/^[^\n]{20,}$/);
      }),
      { numRuns: 150 },
    );
    expect(test.defects).toEqual([]);
  });

  it('must be JSON, of bounded size', async () => {
    const headers = { Origin: test.client.origin, 'Content-Type': 'application/json' };
    const send = (body: Uint8Array | string, type = 'application/json') =>
      test.client.raw('POST', '/api/jobs', { ...headers, 'Content-Type': type }, body);
    for (const body of ['', '{', 'nil', Uint8Array.of(0xff, 0xfe), '{"kind":"look",}']) {
      const answer = await send(body);
      expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringMatching(/valid JSON/)]);
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await send('{}', type)).status).toBe(415);
    }
    const large = await send(`"${'x'.repeat(300_000)}"`);
    expect([large.status, errorOf(large)]).toEqual([413, expect.stringMatching(/256 KiB/)]);
    const deep = await send('['.repeat(100_000) + ']'.repeat(100_000));
    expect(deep.status).toBe(400);
  });

  it('in an address is checked as well', async () => {
    const get = async (target: string) => (await test.client.raw('GET', target)).status;
    expect(await get('/api/jobs?limit=0')).toBe(400);
    expect(await get('/api/jobs?limit=101')).toBe(400);
    expect(await get('/api/jobs?limit=1e1')).toBe(400);
    expect(await get(`/api/pictures/${picture}?size=99999`)).toBe(400);
    expect(await get(`/api/pictures/${picture}?size=-1`)).toBe(400);
    expect(await get('/api/jobs/none')).toBe(404);
    expect(await get('/api/jobs/none/events')).toBe(404);
    expect(await get('/api/unknown')).toBe(404);
    const put = await test.client.raw('PUT', '/api/studio', { Origin: test.client.origin });
    expect(put.status).toBe(404);
  });
});
