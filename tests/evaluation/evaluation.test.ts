import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type {
  EvaluationImages,
  EvaluationRecord,
  EvaluationSubject,
  MeasuredPictures,
} from '../../src/evaluation/index.js';
import { measureBatch, summariseEvaluation } from '../../src/evaluation/index.js';
import type { RgbPixels } from '../../src/metrics/index.js';
import { Random } from '../../src/random.js';

const size = 12;
const mapShape = { channels: 3, height: 1, width: 2 };

function picture(seed: string): RgbPixels {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: size * size * 3 }, () => random.int(256));
  return { width: size, height: size, data };
}

/** Six images of three photographs. */
const images: EvaluationImages = {
  count: 6,
  source: (index) => `photo ${index >> 1}`,
  read: async (index) => ({ name: `crop ${index}`, image: picture(`crop ${index}`) }),
};

/** A "classifier" whose features are centred pixels, and an "inverter" that adds noise. */
const subject: EvaluationSubject = {
  mapShape,
  look: async (list) =>
    list.map(({ data }) => {
      const map = Float32Array.from(data.slice(0, 6), (value) => value - 127.5);
      return { map, scores: map, pooled: map.slice(0, 3) };
    }),
  reconstruct: async (maps, seeds) =>
    maps.map((map, i) => {
      const random = new Random(seeds[i]!);
      const { data } = picture('background');
      map.forEach((value, k) => {
        data[k] = Math.min(255, Math.max(0, value + 127.5 + 40 * random.normal()));
      });
      return { width: size, height: size, data };
    }),
  roundTrip: async (list) => list,
};

const instruments = { subject, judges: [] };

async function measure(indices: number[], seed = 3): Promise<EvaluationRecord[]> {
  return (await measureBatch(instruments, images, indices, seed)).records;
}

const all = [0, 1, 2, 3, 4, 5];

describe('measureBatch', () => {
  it('measures every image in order', async () => {
    const records = await measure(all);
    expect(records.map(({ name }) => name)).toEqual(all.map((i) => `crop ${i}`));
    for (const record of records) {
      expect(record.cosines).toHaveLength(2);
      expect(record.ceiling).toBeCloseTo(1, 12);
      expect(record.floor).toBeLessThan(0.999);
      expect(record.mse).toBeGreaterThan(0);
      expect(record.alteration).toBeUndefined();
      expect(record.inception).toBeUndefined();
    }
  });

  it('gives the same records in batches of any size and in parts', async () => {
    const whole = await measure(all);
    const parts = [await measure([1, 3, 5]), await measure([0, 2, 4])];
    expect(parts.flat().sort((a, b) => a.index - b.index)).toEqual(whole);
  });

  it('depends on the seed', async () => {
    expect(await measure(all, 4)).not.toEqual(await measure(all));
  });

  it('takes the floor from another photograph, and says when there is none', async () => {
    for (const index of all) {
      const asked: number[] = [];
      const spied: EvaluationImages = {
        ...images,
        read: async (at) => {
          asked.push(at);
          return images.read(at);
        },
      };
      await measureBatch(instruments, spied, [index], 1);
      expect(asked).toHaveLength(2);
      expect(asked[0]! >> 1).not.toBe(asked[1]! >> 1);
    }
    const single = { ...images, source: () => 'cat.jpg' };
    await expect(measureBatch(instruments, single, [0], 1)).rejects.toThrow(
      /every image comes from cat.jpg; the floor needs/,
    );
  });

  it('does without pictures that cannot be read, also as partners', async () => {
    const broken: EvaluationImages = {
      ...images,
      read: async (index) => {
        if (index === 2 || index === 4 || index === 5)
          throw new InputError(`crop ${index} is broken`);
        return images.read(index);
      },
    };
    const { records, failures } = await measureBatch(instruments, broken, all, 3);
    expect(records.map(({ index }) => index)).toEqual([0, 1, 3]);
    expect(failures.map(({ message }) => message)).toEqual(
      [2, 4, 5].map((i) => `crop ${i} is broken`),
    );
    const nothing = await measureBatch(instruments, broken, [2, 4], 3);
    expect(nothing.records).toEqual([]);
    expect(nothing.failures).toHaveLength(2);
  });

  it('compares altered pictures with what they were', async () => {
    const altered: EvaluationImages = {
      ...images,
      read: async (index) => {
        const { name, image } = await images.read(index);
        // Brightness reversed: the "classifier" sees the opposite map.
        const data = image.data.map((value) => 255 - value);
        return { name, image: { ...image, data }, clean: image };
      },
    };
    const { records } = await measureBatch(instruments, altered, [0, 1], 3);
    for (const { alteration, top1 } of records) {
      expect(alteration!.mapCosine).toBeCloseTo(-1, 12);
      expect(alteration!.cosineWithClean).toBeLessThan(0);
      expect(alteration!.cleanTop1).not.toBe(top1.original);
    }
  });

  it('asks the judges and Inception in the order of the images', async () => {
    const judge = {
      ...{ backbone: 'other', layer: 'last' },
      judge: async ({ originals }: MeasuredPictures) =>
        originals.map(({ data }) => ({ cosine: data[0]! / 255, floor: 0, ceiling: 1 })),
    };
    const inception = async (list: readonly RgbPixels[]) =>
      list.map(({ data }) => Float32Array.of(data[1]!));
    const { records } = await measureBatch({ subject, judges: [judge], inception }, images, all, 3);
    for (const { name, transfer, inception: features } of records) {
      const { data } = picture(name);
      expect(transfer).toEqual([{ cosine: data[0]! / 255, floor: 0, ceiling: 1 }]);
      expect(features!.original).toEqual(Float32Array.of(data[1]!));
    }
  });
});

describe('summariseEvaluation', () => {
  const record = (index: number, cosine: number, isMatch: boolean): EvaluationRecord => ({
    index,
    name: `image ${index}`,
    cosines: Float32Array.of(cosine - 0.1, cosine, cosine + 0.1),
    floor: 0.2,
    ceiling: 0.8,
    top1: { original: 1, reconstruction: 2 },
    top1Match: false,
    top5Match: isMatch,
    transfer: [{ cosine: cosine / 2, floor: 0, ceiling: 0.5 }],
    ssim: 0.5,
    mse: 100,
    pooled: {
      original: Float32Array.of(index, 1),
      reconstruction: Float32Array.of(index + 2, 1),
    },
  });
  const options = { seed: 1, judges: [{ backbone: 'other', layer: 'last' }] };
  const records = [record(0, 0.3, true), record(1, 0.5, false), record(2, 0.7, true)];

  it('aggregates cosines, matches, gap and distance', () => {
    const summary = summariseEvaluation(records, options);
    expect(summary.images).toBe(3);
    expect(summary.cosine.mean).toBeCloseTo(0.5, 7);
    expect(summary.cosine.median).toBeCloseTo(0.5, 7);
    expect(summary.cosine.min).toBeCloseTo(0.2, 7);
    expect(summary.top1Match).toBe(0);
    expect(summary.top5Match).toBeCloseTo(2 / 3, 12);
    expect(summary.gapClosed).toBeCloseTo(0.5, 6);
    // Equal covariances; the means are 2 apart.
    expect(summary.frechet).toBeCloseTo(4, 9);
    expect(summary.fid).toBeNull();
    expect(summary.alteration).toBeUndefined();
    expect(summary.transferCosine).toHaveLength(1);
    expect(summary.transferCosine[0]).toMatchObject({ backbone: 'other', layer: 'last', floor: 0 });
    expect(summary.transferCosine[0]!.gapClosed).toBeCloseTo(0.5, 12);
    expect(summary.intervals.cosine.low).toBeLessThan(0.5);
    expect(summary.intervals.cosine.high).toBeGreaterThan(0.5);
  });

  it('has FID where all records have Inception features', () => {
    const inception = { original: Float32Array.of(0, 0), reconstruction: Float32Array.of(3, 0) };
    const known = records.map((each) => ({ ...each, inception }));
    expect(summariseEvaluation(known, options).fid).toBeCloseTo(9, 9);
    expect(summariseEvaluation([...known.slice(1), records[0]!], options).fid).toBeNull();
  });

  it('says what an alteration did', () => {
    const altered = records.map((each, i) => ({
      ...each,
      alteration: {
        ...{ cleanTop1: i, mapCosine: 0.5, cosineWithClean: 0.25, top5MatchClean: i === 0 },
      },
    }));
    const { alteration } = summariseEvaluation(altered, options);
    expect(alteration!.flipped).toBeCloseTo(2 / 3, 12);
    expect(alteration).toMatchObject({ mapCosine: 0.5, cosineWithClean: 0.25 });
    expect(alteration!.top5MatchClean).toBeCloseTo(1 / 3, 12);
  });

  it('has no distance for one image and refuses none', () => {
    expect(summariseEvaluation(records.slice(0, 1), options).frechet).toBeNull();
    expect(() => summariseEvaluation([], options)).toThrow(/no images were measured/);
  });
});
