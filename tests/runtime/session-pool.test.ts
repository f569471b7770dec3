import { describe, expect, it } from 'vitest';
import type { MemoryMode } from '../../src/runtime/memory-mode.js';
import { SessionPool } from '../../src/runtime/session-pool.js';
import type { Session } from '../../src/runtime/session.js';

/** What happens to sessions when `names` are asked for in turn. */
async function events(memory: MemoryMode, names: readonly string[]): Promise<string[]> {
  const happened: string[] = [];
  const pool = new SessionPool(memory);
  const compile = (name: string) => (): Promise<Session> => {
    happened.push(`open ${name}`);
    const dispose = (): Promise<void> => Promise.resolve(void happened.push(`free ${name}`));
    return Promise.resolve({ dispose } as unknown as Session);
  };
  for (const name of names) await pool.get(name, compile(name));
  await pool.dispose();
  return happened;
}

describe('sessions of several stages', () => {
  it('are kept side by side for speed', async () => {
    const expected = ['open unet', 'open decoder', 'free unet', 'free decoder'];
    expect(await events('fast', ['unet', 'unet', 'decoder', 'unet'])).toEqual(expected);
  });

  it('take turns where memory is short', async () => {
    const expected = ['open unet', 'free unet', 'open decoder', 'free decoder'];
    expect(await events('low', ['unet', 'unet', 'decoder'])).toEqual(expected);
  });
});
