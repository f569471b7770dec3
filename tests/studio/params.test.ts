import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InverterInfo, JobRequest, StudioInfo } from '../../src/server/api.js';
import { changeSampling, seedsOf } from '../../studio/src/state/drawing.js';
import { jobAddress } from '../../studio/src/state/job-address.js';
import { lookRequest, readLook, writeLook } from '../../studio/src/state/look-params.js';
import {
  changeOperation,
  mixRequest,
  readMix,
  writeMix,
} from '../../studio/src/state/mix-params.js';
import { readSteer, steerRequest, writeSteer } from '../../studio/src/state/steer-params.js';
import { UrlReader } from '../../studio/src/state/url-reader.js';

const sampling = {
  ...{ sampler: 'dpm++', steps: 20, eta: 0, guidance: 2.5 },
  guidanceMode: 'joint',
} as const;

const inverter = (name: string, side: number): InverterInfo => ({
  ...{ name, description: '', backbone: 'b', backboneTitle: 'B', layer: 'head', pooled: false },
  ...{ mapShape: [8, side, side], imageSize: 64, sampling, measured: null },
});

const pictures = ['a', 'b'].map((digit) => ({
  ...{ id: digit.repeat(64), width: 64, height: 64 },
  name: `${digit}.png`,
}));

const info: StudioInfo = {
  version: '0.0.0',
  inverters: [inverter('small', 2), inverter('large', 3)],
  samplers: ['ddim', 'dpm++'],
  conceptMethods: ['kmeans'],
  operations: [
    { name: 'lerp', summary: '' },
    { name: 'paste', summary: '' },
  ],
  samples: pictures,
  limits: {
    ...{ uploadBytes: 1e6, uploadPixels: 1e6, queue: 4, samples: 8, steps: 250, concepts: 64 },
  },
};

const reader = (address: string): UrlReader =>
  new UrlReader(new URLSearchParams(address.slice(address.indexOf('?') + 1)));

const drawing = {
  inverter: fc.constantFrom('small', 'large'),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  samples: fc.integer({ min: 1, max: 8 }),
  sampling: fc.record(
    {
      sampler: fc.constantFrom('ddim', 'dpm++'),
      steps: fc.integer({ min: 1, max: 250 }),
      guidance: fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0),
      guidanceMode: fc.constantFrom('joint' as const, 'text' as const),
    },
    { requiredKeys: [] },
  ),
};
const picture = fc.constantFrom(...pictures.map(({ id }) => id));

describe('the address of a result', () => {
  it('gives a look again', () => {
    const request = fc.record({ kind: fc.constant('look' as const), picture, ...drawing });
    fc.assert(
      fc.property(request, (look) => {
        const read = reader(jobAddress(look)!);
        const params = readLook(read, info);
        expect(lookRequest(params)).toEqual(look);
        expect([params.run, read.problems]).toEqual([true, []]);
      }),
    );
  });

  it('gives a steering again, with its region', () => {
    const side: Record<string, number> = { small: 2, large: 3 };
    const request = fc
      .record({
        kind: fc.constant('steer' as const),
        ...{ picture, ...drawing },
        concepts: fc.string({ minLength: 1, maxLength: 20 }),
        concept: fc.nat(40),
        scale: fc.integer({ min: -40, max: 40 }).map((quarters) => quarters / 4 + 0),
      })
      .chain((steer) =>
        fc
          .array(fc.integer({ min: 0, max: 15 }), {
            minLength: side[steer.inverter]! ** 2,
            maxLength: side[steer.inverter]! ** 2,
          })
          .map((levels) => ({ ...steer, region: levels.map((level) => level / 15) })),
      );
    fc.assert(
      fc.property(request, (steer) => {
        const read = reader(jobAddress(steer)!);
        expect(steerRequest(readSteer(read, info))).toEqual(steer);
        expect(read.problems).toEqual([]);
      }),
    );
  });

  it('gives a mix again', () => {
    const request = {
      ...{ kind: 'mix', a: pictures[0]!.id, b: pictures[1]!.id, inverter: 'large', alpha: 0.75 },
      ...{ operation: 'paste', region: { x: 0.125, y: 0.5, width: 0.25, height: 0.5 } },
      ...{ seed: 7, samples: 2, sampling: { eta: 0.5, sampler: 'ddim' } },
    } satisfies JobRequest;
    const read = reader(jobAddress(request)!);
    expect(mixRequest(readMix(read, info))).toEqual(request);
    expect(read.problems).toEqual([]);
  });

  it('does not exist for concepts', () => {
    expect(
      jobAddress({ kind: 'concepts', inverter: 'small', method: 'kmeans', count: 3 }),
    ).toBeNull();
  });
});

describe('an address', () => {
  it('without parameters shows the first inverter and a sample, and asks for nothing', () => {
    expect(readLook(reader('/look'), info)).toEqual({
      ...{ inverter: 'small', picture: pictures[0]!.id, seed: 100, samples: 3, sampling: {} },
      run: false,
    });
    expect(steerRequest(readSteer(reader('/steer'), info))).toBeNull();
    expect(readMix(reader('/mix'), info)).toMatchObject({ a: pictures[0]!.id, b: pictures[1]!.id });
  });

  it('with values that cannot be used is told so, one sentence for each', () => {
    const wrong = reader('/steer?inverter=huge&seed=1.5&steps=9999&scale=&region=zz&mode=x');
    const params = readSteer(wrong, info);
    expect(params).toMatchObject({ inverter: 'small', seed: 100, sampling: {}, region: null });
    expect(wrong.problems).toEqual([
      expect.stringMatching(/steps = “9999”.* a whole number from 1 to 250/),
      expect.stringMatching(/mode = “x”/),
      expect.stringMatching(/inverter = “huge”.* there are small, large/),
      expect.stringMatching(/seed = “1.5”.* a whole number/),
      expect.stringMatching(/scale = “”: it must be a number/),
      expect.stringMatching(/4 hexadecimal digits/),
    ]);
    const mix = reader('/mix?region=0,0,2,1');
    expect(readMix(mix, info).region).toBeNull();
    expect(mix.problems).toEqual([expect.stringMatching(/x,y,width,height/)]);
  });

  it('is short where nothing differs from the usual', () => {
    expect(writeLook(readLook(reader('/look'), info))).toBe(
      `?picture=${pictures[0]!.id}&inverter=small&seed=100&samples=3`,
    );
    expect(writeSteer(readSteer(reader('/steer'), info))).not.toMatch(/concept|region|run/);
    expect(writeMix(readMix(reader('/mix'), info))).toMatch(/operation=lerp&alpha=0.5/);
  });
});

describe('settings', () => {
  it('hold what differs from the inverter’s own', () => {
    const changed = changeSampling({}, { sampler: 'ddim', steps: 20 }, sampling);
    expect(changed).toEqual({ sampler: 'ddim' });
    const noisy = changeSampling(changed, { eta: 0.5 }, sampling);
    expect(noisy).toEqual({ sampler: 'ddim', eta: 0.5 });
    expect(changeSampling(noisy, { sampler: 'dpm++' }, sampling)).toEqual({});
  });

  it('name every seed, beginning again after the last', () => {
    expect(seedsOf({ seed: 2 ** 32 - 2, samples: 3 })).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0]);
  });

  it('get a region with pasting and lose it without', () => {
    const params = readMix(reader('/mix?alpha=0.25'), info);
    const pasting = changeOperation(params, 'paste');
    expect(pasting).toMatchObject({ alpha: 1, region: { x: 0.25, width: 0.5 } });
    const back = changeOperation({ ...params, ...pasting }, 'lerp');
    expect(back).toEqual({ operation: 'lerp', alpha: 0.5, region: null });
  });
});
