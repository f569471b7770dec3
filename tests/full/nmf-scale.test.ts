import os from 'node:os';
import { expect, it } from 'vitest';
import { nmf } from '../../src/concepts/methods/nmf.js';
import { relativeError } from '../../src/concepts/methods/single-atoms.js';
import { nonNegativeCodes } from '../../src/concepts/non-negative-codes.js';
import { weightedSums } from '../../src/concepts/vectors.js';
import { plantedSums } from '../concepts/planted.js';

/**
 * The time is printed and not checked: it depends on what else the machine does. On two idle cores it
 * should stay under a minute.
 */
it('factorises 20,000 vectors of 1,024 channels into 25 concepts', async () => {
  const { v, atoms } = plantedSums({
    count: 20_000,
    channels: 1024,
    atoms: 25,
    active: 4,
    noise: 0.02,
    nonNegative: true,
    seed: 1,
  });
  const start = performance.now();
  const before = process.cpuUsage();
  const { concepts, diagnostics } = await nmf.fit(v, { count: 25, seed: 1 });
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  const load = os.loadavg()[0]!;
  const { iterations, relativeError: error } = diagnostics as Record<string, number>;
  console.log(
    `nmf: ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processor time, ` +
      `${iterations} iterations, relative error ${error!.toFixed(4)}, load ${load.toFixed(1)}`,
  );
  expect(concepts).toHaveLength(25);
  const planted = relativeError(v, weightedSums(nonNegativeCodes(v, atoms), atoms));
  expect(error).toBeLessThan(1.02 * planted);
}, 1_800_000);
