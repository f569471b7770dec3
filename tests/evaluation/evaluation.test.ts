import { describe, expect, it } from 'vitest';
import type {
  EvaluationImages,
  EvaluationRecord,
  EvaluationSubject,
  MeasureOptions,
} from '../../src/evaluation/index.js';
import { measureImages, summariseEvaluation } from '../../src/evaluation/index.js';
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

async function measure(options: Partial<MeasureOptions> = {}): Promise<EvaluationRecord[]> {
  const records: EvaluationRecord[] = [];
  const settings = { seed: 3, batchSize: 4, ...options };
  for await (const record of measureImages(subject, images, settings)) records.push(record);
  return records;
}

describe('measureImages', () => {
  it('measures every image in order', async () => {
    const records = await measure();
    expect(records.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `crop ${i}`));
    for (const record of records) {
      expect(record.cosines).toHaveLength(2);
      expect(record.ceiling).toBeCloseTo(1, 12);
      expect(record.floor).toBeLessThan(0.999);
      expect(record.mse).toBeGreaterThan(0);
    }
  });

  it('gives the same records in batches of any size and in parts', async () => {
    const whole = await measure();
    expect(await measure({ batchSize: 1 })).toEqual(whole);
    const odd = await measure({ indices: [1, 3, 5] });
    const even = await measure({ indices: [0, 2, 4] });
    expect([...odd, ...even].sort((a, b) => a.index - b.index)).toEqual(whole);
  });

  it('depends on the seed', async () => {
    expect(await measure({ seed: 4 })).not.toEqual(await measure());
  });

  it('takes the floor from another photograph, and says when there is none', async () => {
    const compared: number[][] = [];
    let asked: number[] = [];
    const spied: EvaluationImages = {
      ...images,
      read: async (index) => {
        asked.push(index);
        return images.read(index);
      },
    };
    for await (const record of measureImages(subject, spied, { seed: 1, batchSize: 1 })) {
      compared.push(asked);
      asked = [];
      expect(record.index).toBe(compared.length - 1);
    }
    for (const [own, other] of compared) expect(own! >> 1).not.toBe(other! >> 1);

    const single = { ...images, source: () => 'cat.jpg' };
    const first = measureImages(subject, single, { seed: 1, batchSize: 1 }).next();
    await expect(first).rejects.toThrow(/every image comes from cat.jpg; the floor needs/);
  });
});

describe('summariseEvaluation', () => {
  const record = (index: number, cosine: number, isMatch: boolean): EvaluationRecord => ({
    index,
    name: `image ${index}`,
    cosines: Float64Array.of(cosine - 0.1, cosine, cosine + 0.1),
    floor: 0.2,
    ceiling: 0.8,
    top1Match: false,
    top5Match: isMatch,
    ssim: 0.5,
    mse: 100,
    pooled: {
      original: Float32Array.of(index, 1),
      reconstruction: Float32Array.of(index + 2, 1),
    },
  });
  const records = [record(0, 0.3, true), record(1, 0.5, false), record(2, 0.7, true)];

  it('aggregates cosines, matches, gap and distance', () => {
    const summary = summariseEvaluation(records, 1);
    expect(summary.images).toBe(3);
    expect(summary.cosine.mean).toBeCloseTo(0.5, 12);
    expect(summary.cosine.median).toBeCloseTo(0.5, 12);
    expect(summary.cosine.min).toBeCloseTo(0.2, 12);
    expect(summary.top1Match).toBe(0);
    expect(summary.top5Match).toBeCloseTo(2 / 3, 12);
    expect(summary.gapClosed).toBeCloseTo(0.5, 12);
    // Equal covariances; the means are 2 apart.
    expect(summary.frechet).toBeCloseTo(4, 9);
    expect(summary.fid).toBeNull();
    expect(summary.intervals.cosine.low).toBeLessThan(0.5);
    expect(summary.intervals.cosine.high).toBeGreaterThan(0.5);
  });

  it('does not depend on the order of records', () => {
    expect(summariseEvaluation([...records].reverse(), 1)).toEqual(summariseEvaluation(records, 1));
  });

  it('has no distance for one image and refuses none', () => {
    expect(summariseEvaluation(records.slice(0, 1), 1).frechet).toBeNull();
    expect(() => summariseEvaluation([], 1)).toThrow(/no images were measured/);
  });
});
