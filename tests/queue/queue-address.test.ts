import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readQueueAddress } from '../../src/queue/index.js';

describe('readQueueAddress', () => {
  it('reads host, port, database and user; only rediss:// is encrypted', async () => {
    expect(await readQueueAddress('redis://localhost', {})).toEqual({
      options: { host: 'localhost', port: 6379, db: 0 },
      shown: 'redis://localhost:6379',
    });
    expect(await readQueueAddress('rediss://worker@queue.example.org:7000/2', {})).toEqual({
      options: { host: 'queue.example.org', port: 7000, db: 2, username: 'worker', tls: {} },
      shown: 'rediss://queue.example.org:7000/2',
    });
    expect((await readQueueAddress('redis://[::1]:7000', {})).options.host).toBe('::1');
  });

  it('takes the address from the environment, where it may hold a password', async () => {
    const address = await readQueueAddress(undefined, {
      FEATINV_QUEUE: 'redis://me:p%40ss@localhost:1',
    });
    expect(address.options).toMatchObject({ username: 'me', password: 'p@ss' });
    expect(address.shown).toBe('redis://localhost:1');
  });

  it('takes the password from the environment or a file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'featinv-secret-'));
    const file = path.join(folder, 'password');
    writeFileSync(file, 'from a file\n');
    const passwordOf = async (environment: Parameters<typeof readQueueAddress>[1]) =>
      (await readQueueAddress('redis://localhost', environment)).options.password;
    expect(await passwordOf({ FEATINV_QUEUE_PASSWORD: 'given' })).toBe('given');
    expect(await passwordOf({ FEATINV_QUEUE_PASSWORD_FILE: file })).toBe('from a file');
    rmSync(folder, { recursive: true });
    await expect(passwordOf({ FEATINV_QUEUE_PASSWORD_FILE: file })).rejects.toThrow(
      `FEATINV_QUEUE_PASSWORD_FILE: cannot read ${file}: no such file`,
    );
  });

  it.each([
    [undefined, '--queue is missing'],
    ['localhost:6379', '--queue must be an address such as redis://localhost:6379'],
    ['http://localhost', '--queue must be an address such as'],
    ['redis://localhost/images', 'the database after / must be a number, got "images"'],
    ['redis://me:secret@localhost', '--queue must not hold a password'],
    ['redis:/me:secret@localhost', '--queue must be an address'],
  ])('refuses %s, and shows no secret', async (given, sentence) => {
    const attempt = readQueueAddress(given, {});
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(sentence);
    await expect(attempt).rejects.not.toThrow('secret');
  });
});
