import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { WorkError } from '../../src/errors.js';
import { pull } from '../../src/hub/index.js';
import { sha256, type Fault } from './fake-hub.js';
import {
  cdnRequests,
  classifier,
  freshHub,
  home,
  hub,
  NAME,
  read,
  REPOSITORY,
  weights,
} from './fresh-hub.js';

freshHub();

describe('transfers that go wrong', () => {
  const address = () => `${hub.cdnAddress}/weights.bin`;
  const pullAddress = (hash = sha256(weights)) =>
    pull(address(), { settings: hub.settings(), sha256: hash });

  beforeEach(() => void hub.files.set('/weights.bin', weights));

  it.each<[string, Fault[], (string | undefined)[]]>([
    ['a connection that breaks', [{ breakAfter: 100_000 }, { breakAfter: 50_000 }], ['bytes=']],
    ['a busy server', [{ status: 503 }, { status: 429, retryAfter: '0' }], [undefined]],
    ['a server that errs', [{ status: 500 }, { status: 502 }], [undefined]],
  ])('survives %s', async (_, faults, ranges) => {
    hub.faults.cdn.push(...faults);
    await pullAddress();
    expect(read('downloads', 'weights.bin').equals(weights)).toBe(true);
    expect(cdnRequests()).toHaveLength(3);
    expect([cdnRequests().at(-1)!.range?.slice(0, 6)]).toEqual(ranges);
  });

  it('goes on at the next call where the last one gave up', async () => {
    hub.faults.cdn.push({ breakAfter: 120_000 }, { status: 503 }, { status: 503 }, { status: 503 });
    const refused = pullAddress();
    await expect(refused).rejects.toThrow(WorkError);
    await expect(refused).rejects.toThrow(/status 503 for weights\.bin/);
    const [partial] = readdirSync(join(home, 'downloads'));
    expect(partial).toMatch(/^\.weights\.bin\.\w+\.part$/);
    const kept = read('downloads', partial!).length;
    expect(kept).toBeGreaterThan(0);
    const heard: number[] = [];
    await pull(address(), {
      settings: hub.settings(),
      sha256: sha256(weights),
      onProgress: (here) => heard.push(here),
    });
    expect(heard[0]).toBe(kept);
    expect(cdnRequests().at(-1)!.range).toBe(`bytes=${kept}-`);
    expect(read('downloads', 'weights.bin').equals(weights)).toBe(true);
    expect(existsSync(join(home, 'downloads', partial!))).toBe(false);
  });

  it('begins again where the server knows no ranges, or less than is here', async () => {
    hub.faults.cdn.push({ breakAfter: 1000 }, { whole: true });
    await pullAddress();
    expect(read('downloads', 'weights.bin').equals(weights)).toBe(true);
    rmSync(join(home, 'downloads', 'weights.bin'));
    const name = `.weights.bin.${sha256(weights).slice(0, 16)}.part`;
    writeFileSync(join(home, 'downloads', name), Buffer.alloc(400_000));
    await pullAddress();
    expect(read('downloads', 'weights.bin').equals(weights)).toBe(true);
  });

  it('gives up on a connection that always breaks', async () => {
    hub.faults.cdn.push(...Array<Fault>(3).fill({ breakAfter: 0 }));
    await expect(pullAddress()).rejects.toThrow(/cannot reach 127\.0\.0\.1:\d+: /);
  });

  it('keeps nothing of a file with another hash', async () => {
    const refused = pullAddress('ab'.repeat(32));
    await expect(refused).rejects.toThrow(WorkError);
    await expect(refused).rejects.toThrow(
      `weights.bin did not arrive as it should: its sha256 is ${sha256(weights)} instead of abab`,
    );
    expect(readdirSync(join(home, 'downloads'))).toEqual([]);
    hub.repositories.set(REPOSITORY, { ...classifier, wrongHash: true });
    await expect(pull(NAME, { settings: hub.settings() })).rejects.toThrow(
      /model\.safetensors did/,
    );
    expect(existsSync(join(home, 'backbones', NAME, 'model.safetensors'))).toBe(false);
  });

  it('sees before it begins that a file will not fit on the disk', async () => {
    const file = {
      ...{ name: 'huge.ckpt', size: 2 ** 52, is_link_only: false },
      ...{ download_url: address(), computed_md5: '0'.repeat(32) },
    };
    hub.articles.set(30801191, { files: [file] });
    await expect(pull('featinv-convnext', { settings: hub.settings() })).rejects.toThrow(
      /huge\.ckpt needs 4503599\.63 GB more, but .* has .* GB left: free some space/,
    );
    expect(cdnRequests()).toEqual([]);
  });

  it('says why a file cannot be written', async () => {
    const partial = `.weights.bin.${sha256(weights).slice(0, 16)}.part`;
    mkdirSync(join(home, 'downloads', partial), { recursive: true });
    const refused = pullAddress();
    await expect(refused).rejects.toThrow(WorkError);
    await expect(refused).rejects.toThrow(/cannot write .*weights\.bin: it is a directory/);
  });

  it('puts the parts together however often the connection breaks', async () => {
    const breaks = fc.array(fc.integer({ min: 1, max: 150_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(breaks, async (lengths) => {
        rmSync(join(home, 'downloads'), { recursive: true, force: true });
        hub.faults.cdn = lengths.map((breakAfter) => ({ breakAfter }));
        const retry = { attempts: 10, firstDelayMs: 0 };
        await pull(address(), { settings: hub.settings({ retry }), sha256: sha256(weights) });
        expect(read('downloads', 'weights.bin').equals(weights)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
