/** Experiments and reconstructions by workers: what comes out is what one machine gives. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { at, freshQueue, micro, places, processes, startWorker } from '../fresh-queue.js';

freshQueue();

it('experiments, with corrupted and attacked pictures', async () => {
  writeFileSync(
    at('grid.json'),
    JSON.stringify({
      ...{ schemaVersion: 1, title: 'grid', question: 'Do workers measure the same?' },
      models: [micro.inverter],
      images: [{ name: 'three', path: micro.photographs }],
      alterations: [
        { type: 'none' },
        { type: 'corruption', kinds: ['gaussian_noise'], severities: [3] },
        { type: 'attack', epsilons: ['8/255'], steps: 2 },
      ],
      sampling: { steps: [1] },
      batch: 2,
      charts: [],
    }),
  );
  const run = async (out: string, ...args: string[]): Promise<unknown> => {
    const { code, stderr } = await processes.start(
      ...['experiment', at('grid.json'), '--threads', '1', '--out', at(out), ...args],
    ).result;
    expect(code, stderr).toBe(0);
    return JSON.parse(readFileSync(path.join(at(out), 'results.json'), 'utf8'));
  };
  const alone = await run('alone');
  const worker = startWorker('storage');
  expect(await run('shared', ...places('storage'))).toEqual(alone);
  expect(worker.saw('done')).toBe(6);
});

it('reconstructions of folders, with a picture that cannot be read', async () => {
  writeFileSync(path.join(micro.photographs, 'broken.png'), 'no picture');
  const run = async (out: string, ...args: string[]) => {
    const { code, stdout, stderr } = await processes.start(
      ...['reconstruct', micro.photographs, '--model', micro.inverter, '--threads', '1', '--json'],
      ...['--steps', '1', '--samples', '2', '--seed', '3', '--out', at(out), ...args],
    ).result;
    const records = JSON.parse(stdout.replaceAll(at(out), 'OUT')) as { seconds: number }[];
    const files = readdirSync(at(out)).sort();
    return {
      code,
      errors: stderr.split('\n').filter((line) => line.startsWith('featinv: ')),
      records: records.map((record) => ({ ...record, seconds: undefined })),
      files,
      pictures: files.map((name) => readFileSync(path.join(at(out), name), 'base64')),
    };
  };
  const alone = await run('one');
  expect(alone).toMatchObject({ code: 2, errors: [expect.stringContaining('broken.png')] });
  expect(alone.files).toHaveLength(6);
  startWorker('pictures');
  expect(await run('many', ...places('pictures'))).toEqual(alone);
});
