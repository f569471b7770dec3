import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { hubSettings } from '../../src/hub/index.js';

const home = mkdtempSync(join(tmpdir(), 'featinv-token-'));
const nobody = { HF_HOME: home };

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('hubSettings', () => {
  it('goes to Hugging Face as nobody where nothing is set', () => {
    const settings = hubSettings(nobody);
    expect(settings).toMatchObject({ endpoint: 'https://huggingface.co', offline: false });
    expect(settings.token).toBeUndefined();
  });

  it.each([
    ['1', true],
    ['TRUE', true],
    ['on', true],
    ['0', false],
    ['', false],
  ])('reads HF_HUB_OFFLINE=%s', (value, offline) => {
    expect(hubSettings({ ...nobody, HF_HUB_OFFLINE: value }).offline).toBe(offline);
  });

  it('goes to a mirror, with or without a slash at the end', () => {
    const settings = hubSettings({ ...nobody, HF_ENDPOINT: 'https://mirror.example/hf/' });
    expect(settings.endpoint).toBe('https://mirror.example/hf');
    expect(() => hubSettings({ ...nobody, HF_ENDPOINT: 'mirror.example' })).toThrow(
      'HF_ENDPOINT must be an address such as https://huggingface.co, got "mirror.example"',
    );
  });

  it('takes the token from HF_TOKEN, then from the file of the sign-in', () => {
    writeFileSync(join(home, 'token'), 'hf_fromfile\n');
    expect(hubSettings(nobody).token).toBe('hf_fromfile');
    expect(hubSettings({ ...nobody, HF_TOKEN: 'hf_given' }).token).toBe('hf_given');
    const other = join(home, 'other');
    writeFileSync(other, 'hf_other');
    expect(hubSettings({ ...nobody, HF_TOKEN_PATH: other }).token).toBe('hf_other');
    expect(hubSettings({ HF_HOME: join(home, 'nowhere') }).token).toBeUndefined();
  });

  it('does not repeat what is no token', () => {
    const read = (): unknown => hubSettings({ ...nobody, HF_TOKEN: 'my password' });
    expect(read).toThrow(InputError);
    expect(read).toThrow(
      /^HF_TOKEN must hold an access token of Hugging Face, which begins with hf_$/,
    );
  });
});
