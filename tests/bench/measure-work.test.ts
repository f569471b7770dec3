import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { measureWork, type MeasureOptions } from '../../bench/measure-work.js';
import type { Command } from '../../bench/work-process.js';
import type { Work } from '../../bench/work.js';
import { WorkError } from '../../src/errors.js';

const program = path.join(import.meta.dirname, 'fake-process.mjs');

/** A process whose runs take 500 ms, as it says. */
const fake = (milliseconds: number, peakRssMB: number, ...more: string[]): Command => [
  process.execPath,
  program,
  `${milliseconds}`,
  `${peakRssMB}`,
  ...more,
];

const work: Work = { name: 'a step', group: 'sampling', spec: { kind: 'step' }, images: 2 };

const options = (ours: Command, peer?: Command): MeasureOptions => ({
  threads: 1,
  turns: 3,
  seconds: 60,
  ours,
  peer: peer && { command: peer, precisions: ['fp32', 'bf16'] },
});

it('compares speed and memory with the peer in its faster layout', async () => {
  const { row, versions } = await measureWork(work, options(fake(500, 60), fake(750, 100)));
  expect(row.ours).toEqual({
    milliseconds: { median: 500, min: 500, max: 500 },
    turns: 3,
    peakRssMB: 60,
    gflop: 2,
    compiling: 0,
  });
  expect(row.peers.fp32).toMatchObject({
    layout: 'channels_last',
    speed: { median: 1.5 },
    memory: 0.6,
    gflop: 2,
  });
  expect(row.peers.bf16).toBeDefined();
  // The machine's own work is measured by the same process, and takes as long here.
  expect(row.matmulShare).toEqual({ median: 1, min: 1, max: 1 });
  expect(versions).toEqual({ fake: '1.0' });
});

it('compares with nothing where the peer has no such work, or none is asked for', async () => {
  const alone = { ...work, peer: false };
  expect((await measureWork(alone, options(fake(500, 60), fake(750, 9)))).row.peers).toEqual({});
  expect((await measureWork(work, options(fake(500, 60)))).row.peers).toEqual({});
});

/** What the processes were asked, in order. */
async function requestsOf(work: Work): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'featinv-bench-test-'));
  try {
    const log = path.join(folder, 'log');
    const told = options(fake(500, 1, 'well', log), fake(750, 1, 'well', log));
    await measureWork(work, { ...told, turns: 2, peer: { ...told.peer!, precisions: ['fp32'] } });
    return readFileSync(log, 'utf8').trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const round = ['500 run', '500 run', '750 run'];

it('takes turns, all processes being open', async () => {
  const opened = ['500 open', '500 open', '750 open'];
  const ended = ['500 end', '500 end', '750 end'];
  const probed = ['750 open', '750 end'];
  expect(await requestsOf(work)).toEqual([...probed, ...opened, ...round, ...round, ...ended]);
});

it('opens large work anew in every turn, one process at a time', async () => {
  const turn = round.flatMap((run) => {
    const [who] = run.split(' ');
    return [`${who} open`, run, `${who} end`];
  });
  const requests = await requestsOf({ ...work, large: true });
  expect(requests).toEqual(['750 open', '750 end', ...turn, ...turn]);
});

it('fills a turn of short work with several runs and does not count the first', async () => {
  const { row } = await measureWork(work, options(fake(100, 60)));
  expect(row.ours).toMatchObject({ turns: 3, milliseconds: { median: 100 } });
});

it('begins no turn when its time is up, but takes two', async () => {
  const { row } = await measureWork(work, { ...options(fake(500, 60)), turns: 50, seconds: 0 });
  expect(row.ours.turns).toBe(2);
});

it.each([
  ['fails', 'a step in PyTorch, fp32 failed: there is no such network'],
  ['dies', 'the process of a step in PyTorch, fp32 ended before it answered'],
  ['prints', 'gave an answer that is not JSON'],
  ['misanswers', 'gave an answer that is not one'],
])('tells of a peer that %s', async (manner, message) => {
  const measured = measureWork(work, options(fake(500, 60), fake(750, 100, manner)));
  await expect(measured).rejects.toThrow(WorkError);
  await expect(measured).rejects.toThrow(message);
});

it('tells of a peer that cannot be started', async () => {
  const measured = measureWork(work, options(fake(500, 60), ['/no/such/python']));
  await expect(measured).rejects.toThrow('ended before it answered');
});
