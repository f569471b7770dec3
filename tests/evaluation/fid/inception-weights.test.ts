import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../../src/errors.js';
import {
  findInceptionWeights,
  INCEPTION_FILE,
  inceptionPlaces,
} from '../../../src/evaluation/fid/index.js';
import { checkInceptionFile } from '../../../src/evaluation/fid/inception-weights.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-inception-'));
  vi.stubEnv('FEATINV_INCEPTION', undefined);
  vi.stubEnv('FEATINV_HOME', path.join(folder, 'home'));
  vi.stubEnv('TORCH_HOME', path.join(folder, 'torch'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function put(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'weights');
  return file;
}

describe('findInceptionWeights', () => {
  it('finds nothing where nothing is', () => {
    expect(findInceptionWeights()).toBeUndefined();
  });

  it("prefers what is given, then the environment, then featinv's folder, then PyTorch's", async () => {
    const torch = await put(path.join(folder, 'torch', 'hub', 'checkpoints', INCEPTION_FILE));
    expect(findInceptionWeights()).toBe(torch);
    const copy = INCEPTION_FILE.replace('.pth', '.safetensors');
    const own = await put(path.join(folder, 'home', 'inception', copy));
    expect(findInceptionWeights()).toBe(own);
    expect(inceptionPlaces()).toEqual(expect.arrayContaining([own, torch]));
    const named = await put(path.join(folder, 'named.pth'));
    vi.stubEnv('FEATINV_INCEPTION', named);
    expect(findInceptionWeights()).toBe(named);
    const given = await put(path.join(folder, 'given.pth'));
    expect(findInceptionWeights(given)).toBe(given);
  });

  it('refuses a named file that is not there', () => {
    const gone = path.join(folder, 'gone.pth');
    expect(() => findInceptionWeights(gone)).toThrow(InputError);
    expect(() => findInceptionWeights(gone)).toThrow(/gone\.pth do not exist: give pt_inception/);
    vi.stubEnv('FEATINV_INCEPTION', gone);
    expect(() => findInceptionWeights()).toThrow(/gone\.pth that FEATINV_INCEPTION names/);
  });
});

describe('checkInceptionFile', () => {
  it("checks the sha256 of pytorch-fid's name only", async () => {
    const official = await put(path.join(folder, INCEPTION_FILE));
    await expect(checkInceptionFile(official)).rejects.toThrow(
      /begins with 9a129038, not with 6726825d/,
    );
    await checkInceptionFile(await put(path.join(folder, 'inception.pth')));
  });
});
