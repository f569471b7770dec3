import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeHub, sha256 } from '../hub/fake-hub.js';
import { featinv } from './in-process.js';

const weights = Buffer.alloc(250_000, 7);
const NAME = 'resnet26.bt_in1k';

let hub: FakeHub;
let home: string;

beforeAll(async () => {
  hub = await new FakeHub().start();
  const files = { 'config.json': Buffer.from('{}'), 'model.safetensors': weights };
  hub.repositories.set(`timm/${NAME}`, { files });
  hub.repositories.set('some.one/things', { files: { 'c.bin': weights }, licence: 'openrail' });
});

afterAll(() => hub.stop());

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'featinv-pull-'));
  vi.stubEnv('FEATINV_HOME', home);
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HOME', home);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_HUB_OFFLINE', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

describe('featinv pull', () => {
  it('says source, size and licence, then what it fetched', async () => {
    const { code, stdout, stderr } = await featinv('pull', NAME);
    const folder = join(home, 'backbones', NAME);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${NAME}: 2 files, 0.3 MB, fetched into ${folder}\n`,
    });
    expect(stderr).toContain(`${NAME}: 0.3 MB from ${hub.endpoint}/timm/${NAME}\n`);
    expect(stderr).toContain('licence: Apache-2.0\n');
    const again = await featinv('pull', NAME);
    expect(again).toEqual({
      code: 0,
      stdout: `${NAME}: 2 files, 0.3 MB, already in ${folder}\n`,
      stderr: '',
    });
  });

  it('puts one file where --out says and prints JSON', async () => {
    const out = join(home, 'elsewhere');
    const { code, stdout } = await featinv(
      ...['pull', 'some.one/things:c.bin', '--out', out, '--sha256', sha256(weights), '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      {
        ...{ name: 'some.one/things:c.bin', page: `${hub.endpoint}/some.one/things` },
        ...{ licence: 'openrail', folder: out, alreadyHere: false },
        files: [{ path: 'c.bin', bytes: 250_000, digest: `sha256:${sha256(weights)}` }],
      },
    ]);
    expect(readFileSync(join(out, 'c.bin')).equals(weights)).toBe(true);
  });

  it('lists what there is, and what is here', async () => {
    await featinv('pull', NAME);
    const { code, stdout } = await featinv('pull');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^name +size +here +licence +what\n/);
    expect(stdout).toMatch(/\nminisd +4265 MB +no +CreativeML OpenRAIL-M /);
    expect(stdout).toMatch(/\nresnet26\.bt_in1k +0 MB +yes +Apache-2\.0 /);
    expect(stdout).toContain(`They are kept in ${home}.`);
    const entries = JSON.parse((await featinv('pull', '--json')).stdout) as { name: string }[];
    expect(entries).toContainEqual(
      expect.objectContaining({ name: NAME, folder: join(home, 'backbones', NAME) }),
    );
  });

  it('does what it can of several and exits with 2 for the others', async () => {
    const { code, stdout, stderr } = await featinv('pull', 'minsd', NAME);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^featinv: there is no model "minsd" to fetch, did you mean "minisd"\?/);
    expect(stdout).toContain(`${NAME}: 2 files`);
  });

  it.each([
    [['minisd', '--offline'], /minisd is not here .*--offline or HF_HUB_OFFLINE/],
    [['a/b:c', 'd/e:f', '--out', 'x'], /--out is for one model, got 2: a\/b:c, d\/e:f/],
    [['a/b:c', '--sha256', 'abc'], /--sha256 must be 64 hexadecimal digits, got "abc"/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await featinv('pull', ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
