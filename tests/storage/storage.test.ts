import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { InputError, WorkError } from '../../src/errors.js';
import { openStorage, type Storage } from '../../src/storage/index.js';
import { checkKey } from '../../src/storage/storage-key.js';
import { S3Server } from './s3-server.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-storage-'));
let s3: S3Server;

beforeAll(async () => {
  s3 = await S3Server.start();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'somebody');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the secret');
  vi.stubEnv('FEATINV_HOME', path.join(directory, 'home'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await s3.stop();
  rmSync(directory, { recursive: true });
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe.each([
  ['a folder', () => path.join(directory, 'shared')],
  ['a bucket', () => 's3://bucket/some/prefix/'],
])('%s as a storage', (_, place) => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await openStorage(place());
  });

  it('keeps objects by key', async () => {
    expect(await storage.has('plans/a.json')).toBe(false);
    await storage.write('plans/a.json', 'first');
    await storage.write('plans/a.json', 'ä second');
    expect(await storage.has('plans/a.json')).toBe(true);
    expect(text(await storage.read('plans/a.json'))).toBe('ä second');
    expect(readFileSync(await storage.localFile('plans/a.json'), 'utf8')).toBe('ä second');
  });

  it('removes objects, also those that are not there', async () => {
    await storage.write('gone/a.json', 'short');
    await storage.remove('gone/a.json');
    await storage.remove('gone/a.json');
    expect(await storage.has('gone/a.json')).toBe(false);
    expect(await storage.list('gone/')).toEqual([]);
  });

  it('copies files, empty ones too', async () => {
    for (const content of ['pixels', '']) {
      const file = path.join(directory, 'picture.png');
      writeFileSync(file, content);
      const key = `images/of ${content.length}/a & b.png`;
      await storage.upload(key, file);
      expect(text(await storage.read(key))).toBe(content);
    }
  });

  it('lists what is below a folder, over as many pages as it takes', async () => {
    const keys = ['list/1', 'list/2', 'list/deep/3', 'list/4', 'list/5'];
    for (const key of [...keys, 'lists/6']) await storage.write(key, key);
    expect((await storage.list('list/')).sort()).toEqual([...keys].sort());
    expect(await storage.list('nothing/')).toEqual([]);
  });

  it('says which object is missing, and where', async () => {
    for (const attempt of [storage.read('none'), storage.localFile('none')]) {
      await expect(attempt).rejects.toThrow(InputError);
    }
    await expect(storage.read('none')).rejects.toThrow(storage.url);
    await expect(storage.read('none')).rejects.toThrow('none');
  });

  it('refuses keys that lead elsewhere', async () => {
    for (const key of ['../a', 'a/../../b', '/etc/passwd', 'a//b', 'a\\b', '', 'a/./b', 'a\0b']) {
      await expect(storage.read(key), key).rejects.toThrow('is no key of a storage');
      await expect(storage.write(key, ''), key).rejects.toThrow(InputError);
    }
  });
});

describe('keys', () => {
  it('never lead out of a folder', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'b\\..'), fc.string());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const key = parts.join('/');
        let safe: string;
        try {
          safe = checkKey(key);
        } catch {
          return;
        }
        const inside = path.resolve('/root', ...safe.split('/'));
        expect(inside.startsWith('/root/')).toBe(true);
      }),
    );
  });
});

describe('a bucket', () => {
  afterEach(() => (s3.refusals = 0));

  it('is asked again where it is overloaded', async () => {
    const storage = await openStorage('s3://bucket/again');
    s3.refusals = 2;
    await storage.write('a', 'there');
    expect(text(await storage.read('a'))).toBe('there');
  });

  it('that stays overloaded fails with its name, not with its secret', async () => {
    const storage = await openStorage('s3://bucket/again');
    s3.refusals = 100;
    const attempt = storage.write('a', 'there');
    await expect(attempt).rejects.toThrow(WorkError);
    await expect(attempt).rejects.toThrow('cannot write a in s3://bucket/again/');
    await expect(attempt).rejects.not.toThrow('the secret');
  });

  it('is fetched from once for each file that is needed', async () => {
    const storage = await openStorage('s3://bucket/once');
    await storage.write('a', 'there');
    const file = await storage.localFile('a');
    s3.objects.clear();
    expect(await storage.localFile('a')).toBe(file);
    expect(readdirSync(path.dirname(file))).toEqual(['a']);
  });
});

describe('openStorage', () => {
  it.each(['http://bucket', 's3://', 's3://UPPER/x', 'gs://bucket'])(
    'refuses %s',
    async (place) => {
      await expect(openStorage(place)).rejects.toThrow(
        '--storage must be a folder or s3://BUCKET/PREFIX',
      );
    },
  );

  it('refuses a folder that cannot be made', async () => {
    writeFileSync(path.join(directory, 'file'), '');
    await expect(openStorage(path.join(directory, 'file'))).rejects.toThrow('it is a file');
  });
});
