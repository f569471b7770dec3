import fc from 'fast-check';
import sharp from 'sharp';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import { allowedHosts, isLoopback } from '../../src/server/http/addresses.js';
import { LIMITS } from '../../src/server/limits.js';
import { blobs } from '../inversion/micro-models.js';
import {
  errorOf,
  makeStudioFolder,
  parse,
  removeFolder,
  startTestStudio,
  type RawAnswer,
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

const SENTENCE = /^.{15,}$/;

/** A refusal: 4xx, JSON, one sentence, nothing of the machine. */
function expectRefusal(answer: RawAnswer, ...statuses: number[]): void {
  if (statuses.length > 0) expect(statuses).toContain(answer.status);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(errorOf(answer)).toMatch(SENTENCE);
  expect(errorOf(answer)).not.toContain(folder);
}

/** What comes back for bytes as they are. */
function sendText(text: string, bytes?: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(test.client.origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (piece) => {
      answer += String(piece);
      socket.end();
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
    socket.write(text);
    if (bytes) socket.write(bytes);
  });
}

/** Steps out of a folder in many writings. */
const escape = fc
  .array(
    fc.constantFrom(
      ...['..', '.', '%2e%2e', '..%2f', '%2f', '..%5c', '\\', '%00', 'secret.txt', 'studio.db'],
      ...[
        'etc',
        'passwd',
        '%252e%252e',
        '....',
        'data',
        'jobs',
        'C:',
        '~',
        '%c0%ae',
        '%e0%80',
        '%',
      ],
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join('/'));

describe('paths', () => {
  it('never lead out of the data folder or the page', async () => {
    const secrets = /outside of everything|SQLite format|root:/;
    const places = fc.constantFrom(
      ...['/', '/assets/', '/api/pictures/', '/api/jobs/', '/api/concepts/', '/api/reports/'],
      ...[
        '/api/jobs/x/files/',
        '/api/concepts/x/files/',
        '/api/reports/layers/',
        '/api/jobs?limit=',
      ],
      `/api/pictures/${'0'.repeat(64)}?size=`,
      '/api/concepts?inverter=',
    );
    await fc.assert(
      fc.asyncProperty(places, escape, async (place, rest) => {
        const answer = await test.client.raw('GET', `${place}${rest}`);
        expect(answer.body.toString()).not.toMatch(secrets);
        // The addresses of pages all answer with the page itself.
        if (answer.status === 200) expect(answer.body.toString()).toContain('<title>the page');
        else expectRefusal(answer);
      }),
      { numRuns: 300 },
    );
  });

  it('of pictures, jobs, reports and concepts are names that are known', async () => {
    const get = (target: string) => test.client.raw('GET', target);
    expectRefusal(await get(`/api/pictures/${'0'.repeat(64)}`), 404);
    expectRefusal(await get(`/api/pictures/${picture.toUpperCase()}`), 404);
    expectRefusal(await get('/api/jobs/none/files/original.png'), 404);
    expectRefusal(await get('/api/reports/..'), 404);
    expectRefusal(await get('/api/reports/layers%2freport.html'), 404);
    expectRefusal(await get('/api/concepts/..%2f..%2freports/files/patch-0-0.png'), 404);
    expectRefusal(await get('/api/concepts?inverter=../micro'), 400);
    expect((await get('/api/reports/layers')).status).toBe(200);
  });
});

describe('who may ask', () => {
  it('is decided by the name under which the studio is asked for', async () => {
    const port = new URL(test.client.origin).port;
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const answer = await test.client.raw('GET', '/api/studio', { Host: `${name}:${port}` });
      expect([name, answer.status]).toEqual([name, 200]);
    }
    for (const host of [
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `localhost.evil:${port}`,
    ]) {
      for (const target of ['/', '/api/studio', `/api/pictures/${picture}`]) {
        expectRefusal(await test.client.raw('GET', target, { Host: host }), 400, 403);
      }
    }
    expect(await sendText('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await sendText('GET / HTTP/1.0\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400[^]*"error":"this request/,
    );
    const absolute = `GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n`;
    expect(await sendText(absolute)).toMatch(/^HTTP\/1.1 403/);
    expect(allowedHosts('studio.example', 80)).toContain('studio.example');
    expect(allowedHosts('::1', 8484)).toContain('[::1]:8484');
    expect(allowedHosts('0.0.0.0', 8484).size).toBeGreaterThan(4);
    expect(['127.0.0.1', '127.8.9.1', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example'].some(isLoopback)).toBe(false);
  });

  it('is only the studio’s own page where something changes', async () => {
    const { origin } = test.client;
    const body = '{}';
    const type = { 'Content-Type': 'application/json' };
    const foreign: Record<string, string>[] = [
      {},
      { Origin: 'null' },
      { Origin: 'http://evil.example' },
      { Origin: origin.replace('http', 'https') },
      { Origin: `${origin}.evil.example` },
      { Origin: origin.replace(/\d+$/, '1') },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
    ];
    for (const headers of foreign) {
      expectRefusal(await test.client.raw('POST', '/api/jobs', { ...type, ...headers }, body), 403);
      expectRefusal(await test.client.raw('DELETE', '/api/jobs/x', headers), 403);
      expectRefusal(await test.client.raw('POST', '/api/pictures', headers, body), 403);
    }
    const own = { ...type, 'Sec-Fetch-Site': 'same-origin' };
    expectRefusal(await test.client.raw('POST', '/api/jobs', own, body), 400);
    const read = await test.client.raw('GET', '/api/jobs', { 'Sec-Fetch-Site': 'cross-site' });
    expectRefusal(read, 403);
  });

  it('needs the token where others than this machine can ask', async () => {
    const outer = await makeStudioFolder();
    const { studio, client } = await startTestStudio(outer, { host: '0.0.0.0' });
    const { port, searchParams } = new URL(studio.url);
    const token = searchParams.get('token')!;
    expect(token).toMatch(/^[\w-]{32}$/);
    const host = { Host: `127.0.0.1:${port}` };
    for (const target of ['/', '/api/studio', '/?token=', `/?token=${token.slice(1)}x`]) {
      expectRefusal(await client.raw('GET', target, host), 401);
    }
    expectRefusal(await client.raw('POST', `/api/jobs?token=${token}`, host, '{}'), 401);
    const page = await client.raw('GET', `//evil.example/?token=${token}&look="><b`, host);
    expect(page.body.toString()).not.toContain('//evil');
    expect(page.body.toString()).not.toContain('"><b');
    const opened = await client.raw('GET', `/steer?seed=3&token=${token}`, host);
    expect(opened.body.toString()).toContain('url=/steer?seed=3"');
    const [cookie] = opened.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const Cookie = cookie!.split(';')[0]!;
    expect((await client.raw('GET', '/api/studio', { ...host, Cookie })).status).toBe(200);
    expectRefusal(await client.raw('GET', '/api/studio', { Cookie, Host: 'evil.example' }), 403);
    await studio.close();
    await removeFolder(outer);
  });
});

describe('uploads', () => {
  it('are limited in bytes, whatever they announce', async () => {
    const large = new Uint8Array(LIMITS.uploadBytes + 1);
    const headers = { Origin: test.client.origin, 'Content-Type': 'image/png' };
    expectRefusal(await test.client.upload(large), 413);
    const chunked = { Host: new URL(test.client.origin).host, 'Transfer-Encoding': 'chunked' };
    const head = Object.entries({ ...headers, ...chunked }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const answer = await sendText(
      `POST /api/pictures HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${large.length.toString(16)}\r\n`,
      large,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413/);
  });

  it('are limited in pixels before they are decoded', async () => {
    const side = Math.ceil(Math.sqrt(LIMITS.uploadPixels)) + 1;
    const create = { width: side, height: side, channels: 3, background: '#fff' } as const;
    const bytes = await sharp({ create }).png({ compressionLevel: 9 }).toBuffer();
    expect(bytes.length).toBeLessThan(LIMITS.uploadBytes);
    const answer = await test.client.upload(bytes);
    expectRefusal(answer, 413);
    expect(errorOf(answer)).toMatch(/at most 40 megapixels/);
    const small = await encodePng(blobs(1, 15, 40));
    expectRefusal(await test.client.upload(small), 415);
  });

  it('must be pictures by their content, not by their name', async () => {
    const png = await encodePng(blobs(1, 40, 40));
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"/>';
    const wrong = [
      ...['', svg, `<?xml version="1.0"?>${svg}`, '<!doctype html><script>1</script>', '%PDF-1.7'],
      ...['GIF89a<script>', 'BM', '\u0000\u0000\u0001\u0000'],
    ].map((text) => Buffer.from(text));
    for (const bytes of [...wrong, png.subarray(0, png.length / 2), png.subarray(0, 20)]) {
      for (const type of ['image/png', 'image/jpeg']) {
        expectRefusal(await test.client.upload(bytes, type), 415);
      }
    }
    for (const type of ['image/svg+xml', 'text/html', 'application/octet-stream', '']) {
      expectRefusal(await test.client.upload(png, type), 415);
    }
    const named = await test.client.upload(png, 'image/png', '../../x\u0000\n<b>\u202e.png');
    expect(named.status).toBe(201);
    expect(parse(named.body)).toMatchObject({ name: '../../x <b> .png', width: 40, height: 40 });
  });

  it('are read in all formats and turned as they say', async () => {
    const raw = sharp(await encodePng(blobs(2, 40, 30)));
    for (const format of ['jpeg', 'webp', 'gif', 'tiff', 'avif'] as const) {
      const bytes = await raw.clone().toFormat(format).toBuffer();
      const answer = await test.client.upload(bytes, `image/${format}`);
      expect([format, answer.status]).toEqual([format, 201]);
      const { id } = parse(answer.body) as { id: string };
      const preview = await test.client.raw('GET', `/api/pictures/${id}?size=32`);
      expect(await sharp(preview.body).metadata()).toMatchObject({ width: 32, height: 32 });
    }
    const turned = await raw.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const answer = await test.client.upload(turned, 'image/jpeg');
    expect(parse(answer.body)).toMatchObject({ width: 30, height: 40 });
  });
});

describe('answers', () => {
  it('all carry a policy that runs nothing from elsewhere', async () => {
    const targets = ['/', '/look', '/assets/index-B3xK9_aQ.js', '/nothing.js', '/api/studio'];
    for (const target of [...targets, '/api/none', `/api/pictures/${picture}`, '/api/reports']) {
      const { headers } = await test.client.raw('GET', target);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['cache-control']).toBeDefined();
    }
    const report = await test.client.raw('GET', '/api/reports/layers');
    expect(report.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none';/);
    expect(report.headers['content-security-policy']).not.toContain('script');
    const foreign = await test.client.raw('GET', '/', { Host: 'evil.example' });
    expect(foreign.headers['content-security-policy']).toMatch(/^default-src 'none'/);
  });

  it('keep hashed files for long and ask for the page anew', async () => {
    const hashed = await test.client.raw('GET', '/assets/index-B3xK9_aQ.js');
    expect(hashed.headers['cache-control']).toContain('immutable');
    expect(hashed.headers['content-type']).toMatch(/^text\/javascript/);
    for (const target of ['/', '/index.html', '/steer?seed=1']) {
      const page = await test.client.raw('GET', target);
      expect(page.body.toString()).toContain('the page');
      expect(page.headers['cache-control']).toBe('no-cache');
    }
    const unbuilt = await makeStudioFolder();
    const other = await startTestStudio(unbuilt, { page: `${unbuilt}/none` });
    const answer = await other.client.raw('GET', '/');
    expect(answer.body.toString()).toMatch(/has not been built: run `npm run build`/);
    await other.studio.close();
    await removeFolder(unbuilt);
  });
});
