import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageFlow } from '../../src/queue/order.js';
import { openStorage } from '../../src/storage/index.js';
import { trainerSchema } from '../../src/training/config.js';
import { roundsSchema } from '../../src/training/rounds/index.js';
import { readyUnits, sharePlan, type SharedPlan } from '../../src/work/index.js';
import { stageAfter } from '../../src/work/shared-plan.js';

let folder: string;
/** Two rounds of two workers: units 0 · 1 2 3 · 4 5 6. */
let shared: SharedPlan;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-stages-'));
  const trainer = trainerSchema.parse({ steps: 4, batchSize: 1, learningRate: 0.1 });
  const rounds = roundsSchema.parse({ workers: 2, innerSteps: 2 });
  const plan = { task: {}, places: {}, trainer, rounds };
  shared = await sharePlan(await openStorage(folder), 'training', plan);
});

afterAll(() => rm(folder, { recursive: true }));

describe('units that need one another', () => {
  it.each([
    [[0, 1, 2, 3, 4, 5, 6], [0], [0]],
    [
      [1, 2, 3, 4, 5, 6],
      [1, 2],
      [1, 2, 3],
    ],
    [[2, 3, 4, 5, 6], [2], [1, 2, 3]],
    [[3, 4, 5, 6], [3], [1, 2, 3]],
    [[1, 6], [1], [1, 2, 3]],
  ])('of %j missing, %j can be done', (missing, ready, stage) => {
    expect(readyUnits(shared, missing)).toEqual({ ready, stage });
  });

  it('open the next stage with the last of their own', () => {
    expect(shared.units).toBe(7);
    const next = Array.from({ length: 7 }, (_, unit) => stageAfter(shared, unit));
    expect(next).toEqual([[1, 2, 3], [], [], [4, 5, 6], [], [], []]);
  });

  it('are ordered as a flow: the last waits for the others', () => {
    const order = (unit: number) => ({ data: { plan: 'a', unit } });
    expect(stageFlow({ address: 'a', kind: 'training' }, [4, 5, 6])).toMatchObject({
      ...order(6),
      children: [order(4), order(5)],
    });
    expect(stageFlow({ address: 'a', kind: 'training' }, [0])).not.toHaveProperty('children');
  });
});
