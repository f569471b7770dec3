import { loadavg } from 'node:os';
import { expect, it } from 'vitest';
import { atomsOf } from '../../src/concepts/concept-model.js';
import { mcd } from '../../src/concepts/methods/mcd.js';
import { largestAngle, plantedSubspaces } from '../concepts/planted-subspaces.js';

const GIBIBYTE = 2 ** 30;

it('mcd fits 20,000 vectors of 1,024 channels in 4 GiB', { timeout: 3_600_000 }, async () => {
  const { v, bases } = plantedSubspaces({
    channels: 1024,
    dimensions: [4, 4, 5, 5, 6, 6, 7, 7],
    perSubspace: 2250,
    outliers: 0.1,
    noise: 0.2,
    seed: 1,
  });
  expect(v.count).toBe(20_000);
  const begin = performance.now();
  const before = process.cpuUsage();
  const report = (stage: string, done: number, total: number): void => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    console.log(`${seconds} s: ${stage} ${done}/${total}`);
  };
  const model = await mcd.fit(v, { seed: 0, onProgress: report });
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(
    `${seconds.toFixed(0)} s, ${((used.user + used.system) / 1e6).toFixed(0)} s of processor time, ` +
      `${(peak / GIBIBYTE).toFixed(2)} GiB, load ${loadavg()[0]!.toFixed(1)}`,
  );
  expect(peak).toBeLessThan(4 * GIBIBYTE);

  const found = model.concepts.slice(0, -1).map((_, k) => atomsOf(model, k));
  expect(found.length).toBe(bases.length);
  for (const basis of bases) {
    const same = found.filter(({ count }) => count === basis.count);
    expect(Math.min(...same.map((own) => largestAngle(basis, own)))).toBeLessThan(5);
  }
});
