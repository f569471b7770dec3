/** Parts of a training in rounds on a toy task: whoever does them, in whatever order and how often. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors, readSafetensors } from '../../src/checkpoints/safetensors.js';
import { openStorage } from '../../src/storage/index.js';
import { trainerSchema } from '../../src/training/config.js';
import { roundsSchema, type RoundsRunConfig } from '../../src/training/rounds/index.js';
import { train } from '../../src/training/trainer.js';
import { RoundStore, trainHere, TrainingRounds } from '../../src/work/index.js';
import { openToyTask } from '../training/toy-task.js';

const TRAINER = {
  ...{ steps: 12, batchSize: 8, accumulation: 2, learningRate: 0.05, warmupSteps: 3, seed: 3 },
  ...{ schedule: 'cosine', weightDecay: 0.1, ema: { decay: 0.9 }, validateEvery: 0 },
};
const PLAIN = { workers: 1, innerSteps: 4, outerLearningRate: 1, outerMomentum: 0 };

const config = (rounds: object, trainer: object = {}): RoundsRunConfig => ({
  trainer: trainerSchema.parse({ ...TRAINER, ...trainer }),
  rounds: roundsSchema.parse({ innerSteps: 4, ...rounds }),
});

let directory: string;
const at = (...names: string[]): string => path.join(directory, ...names);

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'featinv-rounds-test-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

/** What one process that takes part has. */
async function join(place: string, run: RoundsRunConfig) {
  const notes: string[] = [];
  const store = new RoundStore(await openStorage(at(place)), 'r');
  const rounds = new TrainingRounds(store, run, {
    openTask: async () => openToyTask(),
    onNote: (line) => notes.push(line),
  });
  return { store, rounds, notes };
}

async function trainAll(place: string, run: RoundsRunConfig) {
  const { store, rounds, notes } = await join(place, run);
  const done: number[] = [];
  const isDone = await trainHere(store, rounds, run, {
    signal: new AbortController().signal,
    onRound: async (round) => void done.push(round),
  });
  expect([isDone, done, notes]).toEqual([true, [1, 2, 3], []]);
  return rounds.released(3);
}

/** Every file of the results by name, in hexadecimal. */
function files(place: string): Record<string, string> {
  const names = readdirSync(at(place, 'r'), { recursive: true, encoding: 'utf8' });
  const isFile = /\.(json|safetensors)$/;
  return Object.fromEntries(
    names
      .filter((name) => isFile.test(name))
      .sort()
      .map((name) => [name, readFileSync(at(place, 'r', name), 'hex')]),
  );
}

describe('one worker with outer learning rate 1 and no momentum', () => {
  it('is plain training, bit for bit: weights, moments and average', async () => {
    const run = config(PLAIN);
    const average = await trainAll('one', run);
    const plain = openToyTask();
    const { checkpoint } = await train(plain, run.trainer, { directory: at('plain') });
    const saved = (name: string) => readSafetensors(path.join(checkpoint, `${name}.safetensors`));
    const made = (name: string) => readSafetensors(at('one', 'r', 'round-0003', name));
    expect(average).toEqual(saved('ema'));
    expect(made('weights.safetensors')).toEqual(saved('weights'));
    const moments = saved('optimizer');
    for (const [name, tensor] of made('worker-0.exp-avg.safetensors')) {
      expect(moments.get(`exp_avg.${name}`)).toEqual(tensor);
    }
    for (const [name, tensor] of made('worker-0.exp-avg-sq.safetensors')) {
      expect(moments.get(`exp_avg_sq.${name}`)).toEqual(tensor);
    }
  });

  it('with fresh moments differs, after the first round', async () => {
    await trainAll('fresh', config({ ...PLAIN, innerState: 'fresh' }));
    const weights = (place: string, round: number) =>
      readFileSync(at(place, 'r', `round-000${round}`, 'worker-0.weights.safetensors'));
    expect(weights('fresh', 2)).not.toEqual(weights('one', 2));
    expect(Object.keys(files('fresh')).filter((name) => name.includes('exp-avg'))).toEqual([]);
  });
});

describe('several workers', () => {
  const run = config({ workers: 3 });

  it('learn, each from draws of its own, and keep the last two rounds only', async () => {
    const weights = await trainAll('three', run);
    const error = (data: Float32Array) =>
      data.reduce((sum, value, i) => sum + (value - Math.sin(i)) ** 2, 0);
    const start = error(new Float32Array(12));
    expect(error(weights.get('weight')!.data)).toBeLessThan(start / 2);
    const names = Object.keys(files('three'));
    const results = names.filter((name) => /round-0003\/worker-\d\.weights/.test(name));
    const contents = new Set(results.map((name) => files('three')[name]));
    expect([results.length, contents.size]).toEqual([3, 3]);
    const rounds = names
      .filter((name) => name.endsWith('weights.safetensors'))
      .map((n) => n.slice(0, 10));
    expect([...new Set(rounds)]).toEqual(['round-0002', 'round-0003']);
  });

  it('give the same bytes from several processes, in another order, doubled and retried', async () => {
    const processes = [await join('many', run), await join('many', run)];
    const run1 = (unit: number) => processes[0]!.rounds.run(unit);
    const run2 = (unit: number) => processes[1]!.rounds.run(unit);
    await run2(0);
    for (const first of [1, 5, 9]) {
      await Promise.all([run1(first + 2), run2(first)]);
      await Promise.all([run1(first + 1), run2(first + 1)]);
      await run2(first);
      await run1(first + 3);
      await run2(first + 3);
    }
    expect(files('many')).toEqual(files('three'));
    expect(processes.flatMap(({ notes }) => notes)).toEqual([]);
  });

  it('send half as much with deltas in half precision, for a change of less than a hundredth', async () => {
    const half = await trainAll('half', config({ workers: 3, deltas: 'fp16' }));
    const whole = await (await join('three', run)).rounds.released(3);
    const size = (name: string) => readFileSync(at(name)).length;
    const [delta, full] = [
      size('half/r/round-0003/worker-1.delta.safetensors'),
      size('three/r/round-0003/worker-1.weights.safetensors'),
    ];
    // 15 values.
    expect(full - delta).toBeGreaterThanOrEqual(2 * 15);
    const differences = [...half].flatMap(([name, { data }]) =>
      Array.from(data, (value, i) => Math.abs(value - whole.get(name)!.data[i]!)),
    );
    expect(Math.max(...differences)).toBeGreaterThan(0);
    expect(Math.max(...differences)).toBeLessThan(0.01);
  });
});

describe('a result that arrives broken', () => {
  const run = config({ workers: 2 }, { steps: 4 });
  const result = 'r/round-0001/worker-1.weights.safetensors';
  const receipt = 'r/receipts/00002.json';

  beforeAll(async () => {
    const { rounds } = await join('sound', run);
    for (const unit of [0, 1, 2, 3]) await rounds.run(unit);
  });

  /** Replaces it by other bytes, with a receipt for them or without. */
  async function breakIt(place: string, bytes: Uint8Array, isSigned: boolean): Promise<string[]> {
    const { rounds, notes } = await join(place, run);
    for (const unit of [0, 1, 2]) await rounds.run(unit);
    writeFileSync(at(place, result), bytes);
    if (isSigned) {
      const { createHash } = await import('node:crypto');
      const text = JSON.parse(readFileSync(at(place, receipt), 'utf8')) as {
        files: Record<string, string>;
      };
      text.files['round-0001/worker-1.weights.safetensors'] = createHash('sha256')
        .update(bytes)
        .digest('hex');
      writeFileSync(at(place, receipt), JSON.stringify(text));
    }
    await rounds.run(3);
    expect(files(place)).toEqual(files('sound'));
    return notes;
  }

  const toy = (weight: number[], shape = [3, 4]) =>
    encodeSafetensors(
      new Map([
        ['weight', { shape, data: Float32Array.from(weight) }],
        ['bias', { shape: [3], data: new Float32Array(3) }],
      ]),
    );

  it.each<[string, () => Uint8Array, boolean, RegExp]>([
    [
      'cut off',
      () => toy(Array(12).fill(0) as number[]).subarray(0, 90),
      false,
      /is not what was delivered/,
    ],
    [
      'not finite',
      () => toy([...(Array(11).fill(0) as number[]), NaN]),
      true,
      /worker-1\.weights\.safetensors in .*: "weight" has values that are not finite/,
    ],
    [
      'of another shape',
      () => toy(Array(8).fill(0) as number[], [2, 4]),
      true,
      /worker-1\.weights\.safetensors in .*: "weight" must have shape \[3, 4\], got \[2, 4\]/,
    ],
    ['no safetensors', () => Buffer.from('nothing of the kind'), true, /worker-1\.weights/],
  ])('%s is refused by name and made again', async (name, bytes, isSigned, message) => {
    mkdirSync(at(name), { recursive: true });
    const notes = await breakIt(name, bytes(), isSigned);
    expect(notes).toEqual([expect.stringMatching(message)]);
    expect(notes[0]).toMatch(/; it is refused and made again$/);
  });
});
