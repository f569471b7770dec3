import { mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256OfFile } from '../../src/checkpoints/file-hash.js';
import { rememberedSha256 } from '../../src/checkpoints/remembered-hash.js';

let folder: string;
let file: string;

/** As if the file had been left alone for a minute: the clock of this process goes ahead. */
const waitAMinute = (): void => void vi.setSystemTime(Date.now() + 60_000);

const remembered = (): string[] => {
  try {
    return readdirSync(join(folder, 'home', 'hashes'));
  } catch {
    return [];
  }
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  folder = mkdtempSync(join(tmpdir(), 'featinv-hash-'));
  vi.stubEnv('FEATINV_HOME', join(folder, 'home'));
  file = join(folder, 'weights');
  writeFileSync(file, 'weights');
  truncateSync(file, 65e6);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function writeAt(position: number, text: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(text, position);
  await handle.close();
}

describe('the remembered hash of a large file', () => {
  it('is that of its bytes, and is read from the record afterwards', async () => {
    waitAMinute();
    const hash = await rememberedSha256(file);
    expect(hash).toBe(await sha256OfFile(file));
    expect(remembered()).toHaveLength(1);
    const [record] = remembered();
    writeFileSync(join(folder, 'home', 'hashes', record!), 'f'.repeat(64));
    expect(await rememberedSha256(file)).toBe('f'.repeat(64));
  });

  it('notices a byte that changed, even where size and time of modification were put back', async () => {
    waitAMinute();
    const before = await rememberedSha256(file);
    const { atime, mtime } = await stat(file);
    await writeAt(40e6, 'x');
    utimesSync(file, atime, mtime);
    const after = await rememberedSha256(file);
    expect(after).not.toBe(before);
    expect(after).toBe(await sha256OfFile(file));
  });

  it('does not trust the times of a file that was written just now', async () => {
    await rememberedSha256(file);
    expect(remembered()).toEqual([]);
  });

  it('hashes small files and lists with a missing file every time', async () => {
    waitAMinute();
    truncateSync(file, 1e6);
    await rememberedSha256(file);
    expect(remembered()).toEqual([]);
    await expect(rememberedSha256(file, join(folder, 'none'))).rejects.toThrow(
      /none: no such file/,
    );
  });

  it('survives a broken record and a home that cannot be written to', async () => {
    waitAMinute();
    const hash = await rememberedSha256(file);
    const [record] = remembered();
    writeFileSync(join(folder, 'home', 'hashes', record!), 'half a ha');
    expect(await rememberedSha256(file)).toBe(hash);
    vi.stubEnv('FEATINV_HOME', join(file, 'no folder'));
    expect(await rememberedSha256(file)).toBe(hash);
  });
});
