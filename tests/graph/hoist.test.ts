import { describe, expect, it } from 'vitest';
import {
  add,
  hoist,
  input,
  inputsOf,
  matmul,
  mul,
  silu,
  transpose,
  type Tensor,
} from '../../src/graph/index.js';
import { Session, type Feeds } from '../../src/runtime/session.js';

describe('hoist', () => {
  const names = { steady: new Set(['map']), changing: new Set(['x']) };
  const x = input('x', [2, 2]);
  const map = input('map', [2, 2]);
  const weight = input('weight', [2, 2]);
  const hint = silu(matmul(map, transpose(weight, [1, 0])));

  it('splits off what follows from steady inputs alone, each part once', () => {
    const output = add(mul(x, hint), matmul(silu(x), hint));
    const { once, rest } = hoist(output, names);
    expect(Object.values(once)).toEqual([hint]);
    const [name] = Object.keys(once);
    expect(inputsOf([rest]).map(({ source }) => source.kind === 'input' && source.name)).toEqual([
      'x',
      name,
    ]);
  });

  it('changes no value', async () => {
    const output = add(mul(x, hint), matmul(silu(x), hint));
    const { once, rest } = hoist(output, names);
    const feeds = {
      x: Float32Array.of(1, -2, 3, 0.5),
      map: Float32Array.of(0.1, 2, -1, 4),
      weight: Float32Array.of(-3, 1, 0.7, 2),
    };
    const run = async <Name extends string>(graph: Readonly<Record<Name, Tensor>>, fed: Feeds) => {
      const session = await Session.compile(graph);
      const results = await session.run(fed);
      await session.dispose();
      return results;
    };
    const whole = await run({ output }, feeds);
    const parts = await run({ output: rest }, { ...feeds, ...(await run(once, feeds)) });
    expect(parts).toEqual(whole);
  });

  it('leaves what depends on neither, and inputs as they are', () => {
    const output = add(matmul(x, transpose(weight, [1, 0])), map);
    expect(hoist(output, names)).toEqual({ once: {}, rest: output });
  });

  it('leaves what changes', () => {
    const output = mul(silu(add(x, map)), silu(x));
    expect(hoist(output, names)).toEqual({ once: {}, rest: output });
  });
});
