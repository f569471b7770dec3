import { describe, expect, it } from 'vitest';
import {
  add,
  broadcastTo,
  constant,
  describeGraph,
  equal,
  gatherRows,
  gradients,
  greater,
  input,
  loop,
  matmul,
  mul,
  reshape,
  scalar,
  sum,
  type Tensor,
} from '../../src/graph/index.js';
import { countFlops } from '../../src/graph/flops.js';
import { substitute } from '../../src/graph/substitute.js';
import { Session, type Feeds } from '../../src/runtime/session.js';

const times = input('times', [], 'int64');

async function run(outputs: Record<string, Tensor>, feeds: Feeds, count: number) {
  const session = await Session.compile(outputs, { threads: 1 });
  const results = await session.run({ ...feeds, times: BigInt64Array.of(BigInt(count)) });
  await session.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, [...values]]));
}

describe('loop', () => {
  const rate = input('rate', []);
  /** value ← value · rate + row i of a table; collects the value's sum. */
  const table = input('table', [3, 2]);
  const { carried, collected } = loop(3, times, [input('start', [2])], (iteration, [value]) => {
    const row = reshape(gatherRows(table, reshape(iteration, [1])), [2]);
    const next = add(mul(value!, rate), row);
    return { next: [next], collected: [sum(next)] };
  });
  const outputs = { end: carried[0]!, sums: collected[0]! };
  const feeds = {
    rate: Float32Array.of(2),
    table: Float32Array.of(1, 2, 3, 4, 5, 6),
    start: Float32Array.of(10, 20),
  };

  it('carries values on, collects others, and reads what is around it', async () => {
    expect(await run(outputs, feeds, 3)).toEqual({ end: [95, 182], sums: [63, 133, 277] });
  });

  it('runs as often as it is told', async () => {
    expect(await run(outputs, feeds, 1)).toEqual({ end: [21, 42], sums: [63] });
    expect(await run(outputs, feeds, 0)).toEqual({ end: [10, 20], sums: [] });
  });

  it('ends early', async () => {
    const { carried, collected } = loop(9, times, [input('start', [])], (_, [value]) => {
      const next = mul(value!, 2);
      return { next: [next], collected: [next], goesOn: greater(20, next) };
    });
    const ended = { end: carried[0]!, all: collected[0]! };
    expect(await run(ended, { start: Float32Array.of(3) }, 9)).toEqual({
      end: [24],
      all: [6, 12, 24],
    });
  });

  it('nests, and its body reads the values of the loop around it', async () => {
    const inner = constant(BigInt64Array.of(3n), []);
    const { carried } = loop(4, times, [input('start', [])], (_, [outer]) => {
      const sums = loop(3, inner, [scalar(0)], (_, [total]) => ({
        next: [add(total!, outer!)],
        collected: [],
      }));
      return { next: [sums.carried[0]!], collected: [] };
    });
    expect(await run({ end: carried[0]! }, { start: Float32Array.of(2) }, 4)).toEqual({
      end: [162],
    });
  });

  it('hands on what does not change, and starts with what is made of nothing', async () => {
    const { carried } = loop(2, times, [broadcastTo(scalar(1), [2])], () => ({
      next: [constant([5, 6], [2])],
      collected: [],
    }));
    expect(await run({ end: carried[0]! }, {}, 2)).toEqual({ end: [5, 6] });
  });

  it('has a body that is the same as text for the same graph', () => {
    const text = describeGraph(outputs);
    expect(text).toContain(
      '= loop(times:int64[], start:float32[2], rate:float32[], table:float32[3,2]) {"most":3,',
    );
    expect(text).toContain('gatherRows');
  });

  it('counts its operations as often as it may run', () => {
    const { carried } = loop(5, times, [input('m', [4, 4])], (_, [m]) => ({
      next: [matmul(m!, m!)],
      collected: [],
    }));
    expect(countFlops(carried)).toBe(5 * 2 * 4 ** 3);
  });

  it('refuses a value that changes its type', () => {
    expect(() =>
      loop(2, times, [input('start', [2])], (_, [value]) => ({
        next: [sum(value!)],
        collected: [],
      })),
    ).toThrow('loop([2]): carried value 0 is float32[2] and becomes float32[]');
    expect(() =>
      loop(2, times, [input('start', [2])], () => ({ next: [], collected: [] })),
    ).toThrow('becomes nothing');
    expect(() =>
      loop(2, times, [input('start', [])], (_, [value]) => ({
        next: [equal(value!, 1)],
        collected: [],
      })),
    ).toThrow('becomes bool[]');
  });

  it('refuses gradients, and operands other than those that it was traced with', () => {
    expect(() => gradients(sum(carried[0]!), [rate])).toThrow(
      'it has no gradient; differentiate inside of its body',
    );
    expect(() => substitute(carried, new Map([[rate, mul(rate, 2)]]))).toThrow(
      'its body was traced with other operands; trace it again',
    );
  });
});
