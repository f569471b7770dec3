import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/checkpoints/safetensors.js';
import type { EvaluationRecord } from '../../src/evaluation/index.js';
import { checkRecords, readRecords, writeRecords } from '../../src/evaluation/record-files.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-records-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'batch.safetensors');

const value = fc.double({ min: -1, max: 1, noNaN: true }).map((x) => (x === 0 ? 0 : x));
const floats = (length: number) =>
  fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: length,
      maxLength: length,
    })
    .map((list) => Float32Array.from(list));
const pair = (length: number) =>
  fc.record({ original: floats(length), reconstruction: floats(length) });
const whole = fc.nat({ max: 999 });

const records: fc.Arbitrary<EvaluationRecord[]> = fc
  .record({ positions: fc.nat(5), features: fc.nat(5), fid: fc.boolean(), altered: fc.boolean() })
  .chain(({ positions, features, fid, altered }) =>
    fc.array(
      fc.record({
        index: whole,
        name: fc.string({ unit: 'grapheme' }),
        cosines: floats(positions),
        floor: value,
        ceiling: value,
        top1: fc.record({ original: whole, reconstruction: whole }),
        top1Match: fc.boolean(),
        top5Match: fc.boolean(),
        ssim: value,
        mse: value,
        transfer: fc.array(fc.record({ cosine: value, floor: value, ceiling: value }), {
          maxLength: 2,
        }),
        alteration: altered
          ? fc.record({
              cleanTop1: whole,
              mapCosine: value,
              cosineWithClean: value,
              top5MatchClean: fc.boolean(),
            })
          : fc.constant(undefined),
        pooled: pair(features),
        inception: fid ? pair(3) : fc.constant(undefined),
      }),
      { maxLength: 4 },
    ),
  );

describe('records on disk', () => {
  it('come back to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(records, value, async (list, seconds) => {
        await writeRecords(file, { records: list, failures: ['a.jpg: broken'], seconds });
        expect(readRecords(file)).toEqual({ records: list, failures: ['a.jpg: broken'], seconds });
      }),
      { numRuns: 60 },
    );
  });

  it('are refused where a file holds something else', async () => {
    const tensors = new Map([['x', { shape: [1], data: Float32Array.of(1) }]]);
    await writeSafetensors(file, tensors);
    expect(() => readRecords(file)).toThrow(/batch.safetensors holds no records of an evaluation/);
    const metadata = { format: 'featinv evaluation records 1', batch: '{' };
    await writeSafetensors(file, tensors, { metadata });
    expect(() => readRecords(file)).toThrow(/is damaged: its records are no valid JSON/);
    await writeSafetensors(file, tensors, { metadata: { ...metadata, batch: '{"records":[]}' } });
    expect(() => readRecords(file)).toThrow(/"failures" is missing/);
  });
});

describe('records of another machine', () => {
  const record = (index: number, cosine = 0.5): EvaluationRecord => ({
    ...{ index, name: `picture ${index}`, floor: 0, ceiling: 1, ssim: 0, mse: 0, transfer: [] },
    ...{ top1: { original: 1, reconstruction: 1 }, top1Match: true, top5Match: true },
    cosines: Float32Array.of(0.1, cosine),
    pooled: { original: Float32Array.of(1), reconstruction: Float32Array.of(2) },
  });
  const check =
    (found: readonly EvaluationRecord[], failures: readonly string[] = []) =>
    () =>
      checkRecords({ records: found, failures, seconds: 1 }, [4, 5], 'batch');

  it('count when they are those of the batch, unreadable pictures included', () => {
    expect(check([record(4), record(5)])).not.toThrow();
    expect(check([record(5)], ['picture 4 is damaged'])).not.toThrow();
  });

  it.each([
    [[record(4)], /batch must hold images 4 to 5, got 4/],
    [[record(4), record(6)], /got 4, 6/],
    [[record(5), record(4)], /got 5, 4/],
    [[record(4), record(4)], /got 4, 4/],
    [[record(4), record(5, NaN)], /numbers for picture 5 that are not finite/],
    [[record(4, Infinity), record(5)], /numbers for picture 4 that are not finite/],
  ])('are refused otherwise', (found, message) => {
    expect(check(found)).toThrow(message);
  });
});
