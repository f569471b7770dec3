import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regionWeights } from '../../src/images/region.js';
import { StreamTurns } from '../../src/server/http/stream-turns.js';
import { Turnstile } from '../../src/server/http/turnstile.js';
import { JobChannel } from '../../src/server/jobs/job-channel.js';
import { maskOfWeights } from '../../src/server/worker/run-steer.js';

describe('a channel', () => {
  it('gives every watcher all steps in order, wherever each comes in again', async () => {
    const names = fc.array(fc.constantFrom('step', 'progress'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(names, fc.nat(30), fc.boolean(), async (events, stop, finished) => {
        const channel = new JobChannel();
        const never = new AbortController().signal;
        const steps: number[] = [];
        const watched = (async () => {
          let last = 0;
          for (let turn = 0; ; turn++) {
            for (const { number, name, data } of channel.after(last)) {
              expect(number).toBeGreaterThan(last);
              last = number;
              if (name === 'step') steps.push((JSON.parse(data) as { done: number }).done);
            }
            if (channel.isEnded && channel.after(last).length === 0) return;
            if (channel.after(last).length === 0) await channel.next(never);
          }
        })();
        for (const [i, name] of events.entries()) {
          if (name === 'step')
            channel.send('step', { role: 'drawn', done: i, steps: 30, pictures: [] });
          else channel.send('progress', { done: i, total: 30, note: '' });
          if (i === stop) await Promise.resolve();
        }
        channel.end(finished);
        await watched;
        expect(steps).toEqual([...events.keys()].filter((i) => events[i] === 'step'));
        expect(channel.isFinished).toBe(finished);
        expect(channel.after(0).filter(({ name }) => name === 'progress').length).toBeLessThan(2);
      }),
    );
  });
});

describe('turns at streams', () => {
  it('end with the longest-held stream of the same browser, and leave others alone', () => {
    const turns = new StreamTurns(2);
    const other = turns.take('other');
    const [first, second] = [turns.take('one'), turns.take('one')];
    const isOver = (): boolean[] => [other, first, second].map(({ over }) => over.aborted);
    expect(isOver()).toEqual([false, false, false]);
    const third = turns.take('one');
    expect(isOver()).toEqual([false, true, false]);
    first.release();
    third.release();
    turns.take('one');
    expect(isOver()).toEqual([false, true, false]);
    turns.take('one');
    expect(isOver()).toEqual([false, true, true]);
  });
});

describe('a turnstile', () => {
  it('never lets more in than it may, lets all in in the end, failures included', async () => {
    const delays = fc.array(fc.nat(3), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), delays, async (most, visits) => {
        const turnstile = new Turnstile(most);
        let inside = 0;
        let highest = 0;
        const results = await Promise.allSettled(
          visits.map((delay) =>
            turnstile.pass(async () => {
              highest = Math.max(highest, ++inside);
              for (let i = 0; i <= delay; i++) await Promise.resolve();
              inside--;
              if (delay === 3) throw new Error('failed');
            }),
          ),
        );
        expect(highest).toBe(Math.min(most, visits.length));
        const failed = results.filter(({ status }) => status === 'rejected').length;
        expect(failed).toBe(visits.filter((delay) => delay === 3).length);
      }),
    );
  });
});

describe('a painted region', () => {
  it('weighs each position as it was painted, to 1/255', () => {
    const grid = fc
      .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
      .chain(({ height, width }) =>
        fc.record({
          height: fc.constant(height),
          width: fc.constant(width),
          weights: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
            minLength: height * width,
            maxLength: height * width,
          }),
        }),
      );
    fc.assert(
      fc.property(grid, ({ height, width, weights }) => {
        const found = regionWeights(maskOfWeights(weights, height, width), height, width);
        weights.forEach((weight, i) =>
          expect(Math.abs(found[i]! - weight)).toBeLessThanOrEqual(0.5 / 255 + 1e-6),
        );
      }),
    );
  });
});
