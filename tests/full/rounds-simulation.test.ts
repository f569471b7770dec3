/** The simulation of rounds beside real ones: one, two and four workers on this machine. */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { simulateRounds } from '../../bench/rounds/simulate-rounds.js';
import { at, freshQueue, micro, places, processes } from '../queue/fresh-queue.js';
import type { StartedWorker } from '../queue/processes.js';

freshQueue();
vi.setConfig({ testTimeout: 600_000 });

const WORKERS = 4;
const ROUNDS = 2;
/** A part takes some seconds. */
const INNER_STEPS = 240;

interface Measured {
  /** From the first part that is begun to the last that is done. */
  readonly seconds: number;
  /** Of the initial part, in which models are opened. */
  readonly open: number;
  /** Of workers' parts in machines that have their models open. */
  readonly parts: readonly number[];
  readonly averages: readonly number[];
}

/** Trains with so many workers; each run has a storage of its own. */
async function measure(machines: number): Promise<Measured> {
  const here = places(`storage-${machines}`);
  const workers = Array.from({ length: machines }, () => processes.worker(...here));
  const run = processes.start(
    ...['train', '--config', configFile(), '--out', at(`run-${machines}`)],
    ...['--threads', '1', ...here],
  );
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  processes.killAll();
  return summarise(workers);
}

function summarise(workers: readonly StartedWorker[]): Measured {
  const last = (WORKERS + 1) * ROUNDS;
  const parts: number[] = [];
  const averages: number[] = [];
  let begun = Infinity;
  let ended = 0;
  let open = 0;
  for (const { log } of workers) {
    let isOpen = false;
    for (const line of log) {
      const unit = Number(line['unit']);
      const at = Date.parse(String(line['time'])) / 1000;
      if (line['event'] === 'begun') begun = Math.min(begun, at);
      if (line['event'] !== 'done') continue;
      const seconds = Number(line['seconds']);
      if (unit === last) ended = at;
      if (unit === 0) open = seconds;
      if (unit > 0 && unit % (WORKERS + 1) === 0) averages.push(seconds);
      else if (isOpen && unit > 0) parts.push(seconds);
      isOpen = true;
    }
  }
  return { seconds: ended - begun, open, parts, averages };
}

function configFile(): string {
  const { base, inverter } = micro;
  const photographs = path.resolve('photos');
  const file = at('rounds.json');
  const content = {
    type: 'inverter',
    data: { photographs, heldOut: photographs, heldOutCropsPerImage: 1, validationCrops: 2 },
    ...{ base, startFrom: inverter, backbone: 'mobilenet_v1_025', layer: 'Conv2d_13_pointwise' },
    ...{ hintWidth: 8, scaleChannels: false },
    release: { name: 'test', description: 'test', licence: 'none' },
    sampling: { sampler: 'ddim', steps: 1, eta: 0, guidance: 1, guidanceMode: 'joint' },
    trainer: { steps: ROUNDS * INNER_STEPS, batchSize: 2, learningRate: 0.001, ema: null },
    rounds: { workers: WORKERS, innerSteps: INNER_STEPS },
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

it('tells from one worker’s times how long one, two and four take', async () => {
  const cores = os.availableParallelism();
  const single = await measure(1);
  const logs = single.parts.map(Math.log);
  const straggling = Math.sqrt(mean(logs.map((value) => (value - mean(logs)) ** 2)));
  for (const machines of [1, 2, 4]) {
    const real = machines === 1 ? single : await measure(machines);
    // Workers beyond the cores share these.
    const crowding = Math.max(1, machines / cores);
    const simulated = simulateRounds({
      ...{ rounds: ROUNDS, workers: WORKERS, machines, straggling, seed: 1 },
      stepsSeconds: mean(single.parts) * crowding,
      overheadSeconds: 0,
      averageSeconds: mean(single.averages),
      openSeconds: single.open * crowding,
      ...{ secondsBetweenLosses: null, noticeSeconds: 0, replaceSeconds: 0 },
    });
    console.log(
      JSON.stringify({
        ...{ machines, real: real.seconds, simulated: simulated.seconds, straggling },
        ...{ part: mean(real.parts), average: mean(real.averages), open: real.open },
      }),
    );
    expect(real.seconds / simulated.seconds).toBeGreaterThan(0.8);
    expect(real.seconds / simulated.seconds).toBeLessThan(1.25);
  }
});
