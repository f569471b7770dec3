/** Feature maps that workers make: the same cache as one machine's. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { encodePng } from '../../../src/images/png.js';
import { blobs } from '../../inversion/micro-models.js';
import { at, freshQueue, micro, places, processes, startWorker } from '../fresh-queue.js';

freshQueue();

beforeAll(async () => {
  // More than one part: the second begins within the archive.
  for (let i = 0; i < 150; i++) {
    writeFileSync(at(`x${i}.png`), await encodePng(blobs(i, 24, 20)));
  }
  const names = readdirSync(micro.directory).filter((name) => /^x\d+\.png$/.test(name));
  execFileSync('tar', ['-cf', at('many.tar'), '-C', micro.directory, ...names]);
  writeFileSync(path.join(micro.photographs, 'broken.png'), 'no picture');
});

const BACKBONE = ['--backbone', 'mobilenet_v1_025', '--threads', '1'];

/** Exit code, errors, and what each shard holds. */
async function features(cache: string, ...more: string[]) {
  const { code, stdout, stderr } = await processes.start(
    ...['features', micro.photographs, at('many.tar'), '--cache', at(cache), '--json'],
    ...[...BACKBONE, ...more],
  ).result;
  const result = JSON.parse(stdout) as { cache: string; computed: number; known: number };
  const shards = readdirSync(result.cache).filter((name) => name.endsWith('.safetensors'));
  return {
    ...{ code, computed: result.computed },
    errors: stderr.split('\n').filter((line) => line.includes('cannot be read')).length,
    shards: shards.sort().map((name) => readFileSync(path.join(result.cache, name), 'base64')),
    cache: result.cache,
  };
}

it('features of a folder and an archive, with a picture that cannot be read', async () => {
  startWorker('storage');
  const { cache: shared, ...elsewhere } = await features('shared', ...places('storage'));
  const { cache, ...alone } = await features('alone');
  expect(alone).toMatchObject({ code: 2, computed: 153, errors: 1 });
  expect({ ...elsewhere, shards: elsewhere.shards.length }).toEqual({ ...alone, shards: 2 });
  // A part ends after 128 pictures, a machine's own shard after 128 that could be read.
  const rows = (folder: string): string[] =>
    readdirSync(folder)
      .filter((name) => /^[0-9a-f]{24}\.json$/.test(name))
      .flatMap((name) => {
        const text = readFileSync(path.join(folder, name), 'utf8');
        return (JSON.parse(text) as { pictures: { sha256: string }[] }).pictures;
      })
      .map(({ sha256 }) => sha256)
      .sort();
  expect(rows(shared)).toEqual(rows(cache));
});

it('concepts of maps that others made', async () => {
  const fit = async (out: string, ...more: string[]): Promise<Buffer> => {
    const { code, stderr } = await processes.start(
      ...['concepts', 'fit', '--images', micro.photographs, '--model', micro.inverter],
      ...['--method', 'kmeans', '--count', '3', '--threads', '1', '--out', at(out), ...more],
    ).result;
    expect(code, stderr).toBe(2);
    return readFileSync(path.join(at(out), 'concepts.safetensors'));
  };
  copyFileSync(at('x0.png'), path.join(micro.photographs, 'x0.png'));
  const cached = await fit('cached', '--cache', at('own'));
  expect(await fit('again', '--cache', at('own'))).toEqual(cached);
  startWorker('storage');
  expect(await fit('elsewhere', ...places('storage'))).toEqual(cached);
});
