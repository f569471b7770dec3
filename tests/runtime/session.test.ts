import { afterAll, describe, expect, it } from 'vitest';
import { WorkError } from '../../src/errors.js';
import * as g from '../../src/graph/index.js';
import { Session } from '../../src/runtime/session.js';
import { waves } from '../nn/waves.js';

const open: Session[] = [];
afterAll(() => Promise.all(open.map((session) => session.dispose())));

async function compile<Name extends string>(
  outputs: Record<Name, g.Tensor>,
): Promise<Session<Name>> {
  const session = await Session.compile(outputs, { threads: 1 });
  open.push(session);
  return session;
}

describe('a session', () => {
  it('returns every output under its name, operands and constants too', async () => {
    const x = g.input('x', [2]);
    const session = await compile({
      same: x,
      again: x,
      fixed: g.constant([7], [1]),
      double: g.add(x, x),
    });
    const { same, again, fixed, double } = await session.run({ x: Float32Array.of(1, 2) });
    expect([same, again, fixed, double].map((values) => Array.from(values))).toEqual([
      [1, 2],
      [1, 2],
      [7],
      [2, 4],
    ]);
  });

  it('never writes to what it is fed, even where every op could work in place', async () => {
    const x = g.input('x', [64]);
    const state = g.input('state', [64]);
    const next = g.relu(g.neg(g.add(g.mul(state, 0.5), x)));
    const session = await compile({ next, state2: state, shaped: g.reshape(state, [8, 8]) });
    const feeds = { x: waves('x', [64]), state: waves('state', [64]) };
    const results = await session.run(feeds);
    expect(feeds).toEqual({ x: waves('x', [64]), state: waves('state', [64]) });
    for (const values of Object.values(results)) {
      values.fill(9);
      expect(feeds.state).toEqual(waves('state', [64]));
    }
  });

  it('returns arrays that later runs leave alone', async () => {
    const session = await compile({ y: g.mul(g.input('x', [3]), 2) });
    const first = await session.run({ x: Float32Array.of(1, 2, 3) });
    const kept = first.y.slice();
    await session.run({ x: Float32Array.of(4, 5, 6) });
    expect(first.y).toEqual(kept);
  });

  it('fills the arrays that are given for results', async () => {
    const x = g.input('x', [3]);
    const session = await compile({ y: g.mul(x, 2), fixed: g.constant([7], [1]), sum: g.sum(x) });
    const into = { y: new Float32Array(3), fixed: new Float32Array(1) };
    const results = await session.run({ x: Float32Array.of(1, 2, 3) }, into);
    expect([results.y, results.fixed]).toEqual([into.y, into.fixed]);
    expect(results.y).toBe(into.y);
    expect([...into.y, ...into.fixed, ...results.sum]).toEqual([2, 4, 6, 7, 6]);
  });

  it('gives the same bytes for the same feeds', async () => {
    const x = g.input('x', [4, 16, 8, 8]);
    const w = g.input('w', [16, 16, 3, 3]);
    const [dw] = g.gradients(g.sum(g.silu(g.conv2d(x, w, { padding: 1 }))), [w]);
    const session = await Session.compile({ dw: dw! });
    open.push(session);
    const feeds = { x: waves('x', x.shape), w: waves('w', w.shape) };
    const first = await session.run(feeds);
    expect(await session.run(feeds)).toEqual(first);
  });

  it('takes integers, masks and half precision', async () => {
    const rows = g.gatherRows(g.constant([1, 2, 3], [3, 1]), g.input('rows', [2], 'int64'));
    const chosen = g.where(g.input('mask', [2], 'bool'), g.reshape(rows, [2]), 0);
    const y = g.add(chosen, g.castFloat(g.input('half', [2], 'float16')));
    const session = await compile({ y });
    const result = await session.run({
      rows: BigInt64Array.of(2n, 0n),
      mask: Uint8Array.of(1, 0),
      half: Uint16Array.of(0x3c00, 0xc000),
    });
    expect(Array.from(result.y)).toEqual([4, -2]);
  });

  it('ignores feeds that the graph does not use', async () => {
    const session = await compile({ y: g.neg(g.input('x', [1])) });
    const feeds = { x: Float32Array.of(1), more: Float32Array.of(1, 2) };
    expect(Array.from((await session.run(feeds)).y)).toEqual([-1]);
  });

  it('names the input that was not fed, or fed in a wrong length or type', async () => {
    const session = await compile({ y: g.neg(g.input('image', [2, 3])) });
    await expect(session.run({})).rejects.toThrow(new WorkError('input "image" was not fed'));
    await expect(session.run({ image: new Float32Array(5) })).rejects.toThrow(
      new WorkError('input "image" of shape [2,3] was fed 5 values instead of 6'),
    );
    await expect(session.run({ image: new Uint8Array(6) })).rejects.toThrow(
      new WorkError(
        'input "image" holds float32 and was fed a Uint8Array instead of a Float32Array',
      ),
    );
  });

  it('says which runtime failed', async () => {
    const rows = g.gatherRows(g.constant([1, 2], [2, 1]), g.input('rows', [1], 'int64'));
    const session = await compile({ y: rows });
    const run = session.run({ rows: BigInt64Array.of(5n) });
    await expect(run).rejects.toThrow(WorkError);
    await expect(run).rejects.toThrow(/^the cpu runtime failed: .*out of.*bounds/s);
  });

  it('says which runtime cannot compile a graph', async () => {
    const y = g.silu(g.greater(g.input('x', [1]), 0));
    const compiled = Session.compile({ y });
    await expect(compiled).rejects.toThrow(WorkError);
    await expect(compiled).rejects.toThrow(/^the cpu runtime cannot compile the graph: /);
  });
});
