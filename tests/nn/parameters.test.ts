import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkpointFile } from '../../src/checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { openCheckpoint } from '../../src/checkpoints/open-checkpoint.js';
import { openSafetensors, writeSafetensors } from '../../src/checkpoints/safetensors.js';
import { safetensorsChunks, type TensorSource } from '../../src/checkpoints/safetensors-writer.js';
import { InputError } from '../../src/errors.js';
import { writeAtomic } from '../../src/files.js';
import { add, input, matmul, mul, type Tensor } from '../../src/graph/index.js';
import {
  conv2d,
  frozenParameters,
  linear,
  mappedParameters,
  ones,
  renamedParameters,
  trainableParameters,
  zeros,
  type Parameters,
} from '../../src/nn/index.js';
import { inspectModel } from '../../src/onnx/inspect-model.js';
import { emitModel } from '../../src/onnx/emit.js';
import { bytesOf } from '../../src/onnx/protobuf-reader.js';
import { memoryModes } from '../../src/runtime/memory-mode.js';
import { Session } from '../../src/runtime/session.js';
import { EXPECTED, fixture } from '../checkpoints/expected-checkpoints.js';
import { expectClose } from '../graph/check-op.js';
import { waves } from './waves.js';

const directory = mkdtempSync(join(tmpdir(), 'featinv-parameters-'));
afterAll(() => rmSync(directory, { recursive: true }));

const values: NamedTensors = new Map([
  ['one.weight', { shape: [4, 3, 3, 3], data: waves('one', [4, 3, 3, 3]) }],
  ['one.bias', { shape: [4], data: waves('bias', [4]) }],
  ['two.weight', { shape: [5, 4], data: waves('two', [5, 4]) }],
]);

function model(p: Parameters): Tensor {
  const h = conv2d(p.scope('one'), input('x', [2, 3, 4, 4]), 4, 3, { padding: 1 });
  return linear(p.scope('two'), h, 5, { bias: false });
}

async function run(y: Tensor, options = {}): Promise<Float32Array> {
  const session = await Session.compile({ y }, { threads: 1, ...options });
  const result = await session.run({ x: waves('x', [2, 3, 4, 4]) });
  await session.dispose();
  return result.y;
}

describe('weights mapped from a safetensors file', () => {
  it.each(['F32', 'F16'] as const)(
    'compute what the same embedded weights do (%s)',
    async (dtype) => {
      const path = join(directory, `${dtype}.safetensors`);
      await writeSafetensors(path, values, { dtype });
      const file = openSafetensors(path);
      const stored: NamedTensors = new Map(
        [...values].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]),
      );
      const expected = await run(model(frozenParameters(stored, 'memory')));
      const mapped = model(mappedParameters(file));
      expect(await run(mapped)).toEqual(expected);
      expect(await run(mapped, { memory: 'low' })).toHaveLength(expected.length);
    },
  );

  it('may be bfloat16, and stay in their file', async () => {
    const path = join(directory, 'BF16.safetensors');
    const sources = [...values].map(([name, { shape, data }]): [string, TensorSource] => {
      // The upper half of a float32.
      const halves = new Uint16Array(data.slice().buffer).filter((_, i) => i % 2 === 1);
      return [name, { dtype: 'BF16', shape, bytes: () => new Uint8Array(halves.buffer) }];
    });
    await writeAtomic(path, safetensorsChunks(new Map(sources)));
    const file = openSafetensors(path);
    const stored: NamedTensors = new Map(
      [...values].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]),
    );
    const mapped = model(mappedParameters(file));
    expect(emitModel({ mapped }).externalFolder).toBe(realpathSync(directory));
    expect(await run(mapped)).toEqual(await run(model(frozenParameters(stored, 'memory'))));
  });

  it('that can only be embedded may not be more than a model holds', () => {
    const shape = [30_000, 10_000];
    const entry = { dtype: 'F32', shape, byteLength: 1.2e9 } as const;
    const entries = new Map([
      ['a', entry],
      ['b', entry],
    ]);
    const file = checkpointFile('legacy.ckpt', entries, {}, () => new Uint8Array(1.2e9));
    const p = mappedParameters(file);
    expect(p.tensor('a', shape, zeros).shape).toEqual(shape);
    expect(() => p.tensor('b', shape, zeros)).toThrow(
      '"featinv convert legacy.ckpt --out FILE.safetensors" makes a file',
    );
  });

  it('come out of a PyTorch file as well: mapped, or read where they are strided', async () => {
    const file = openCheckpoint(fixture('views.pt'));
    const emitted = emitModel({
      mapped: mappedParameters(file).tensor('whole', [4, 6], zeros),
      read: mappedParameters(file).tensor('transposed', [6, 4], zeros),
    });
    expect(emitted.externalFolder).toBe(realpathSync(dirname(file.path)));
    for (const name of ['whole', 'transposed', 'tied.tail', 'scalar']) {
      const { shape, values: expected } = EXPECTED['views.pt']!.tensors[name]!;
      const session = await Session.compile({
        y: mappedParameters(file).tensor(name, shape, zeros),
      });
      expect((await session.run({})).y).toEqual(Float32Array.from(expected));
      await session.dispose();
    }
  });

  it('stay in their files, wherever those are', async () => {
    const [a, b] = [join(directory, 'a.safetensors'), join(directory, 'sub', 'b.safetensors')];
    mkdirSync(join(directory, 'sub'));
    const large: NamedTensors = new Map([
      ['w', { shape: [100, 100], data: waves('w', [100, 100]) }],
    ]);
    await writeSafetensors(a, large);
    await writeSafetensors(b, large);
    const weight = (path: string): Tensor =>
      mappedParameters(openSafetensors(path)).tensor('w', [100, 100], zeros);
    const y = add(weight(a), weight(b));
    const emitted = emitModel({ y });
    expect(emitted.bytes.length).toBeLessThan(1000);
    expect(emitted.externalFolder).toBe(directory);
    const session = await Session.compile({ y });
    const result = await session.run({});
    await session.dispose();
    expect(result.y).toEqual(waves('w', [100, 100]).map((v) => v + v));
  });

  it('of half precision stay so in memory, and are widened in each run, where memory is short', async () => {
    const path = join(directory, 'half.safetensors');
    const shape = [256, 256];
    const weights: NamedTensors = new Map([
      ['large', { shape, data: waves('large', shape) }],
      ['small', { shape: [256], data: waves('small', [256]) }],
    ]);
    await writeSafetensors(path, weights, { dtype: 'F16' });
    const p = mappedParameters(openSafetensors(path));
    const large = p.tensor('large', shape, zeros);
    const y = add(matmul(input('x', shape), large), p.tensor('small', [256], zeros));
    const feeds = { x: waves('x', shape) };
    const [fast, low] = await Promise.all(
      memoryModes.map(async (memory) => {
        const session = await Session.compile({ y, large }, { memory, threads: 1 });
        expect([...session.inputs.keys()]).toEqual(['x']);
        const first = await session.run(feeds);
        expect(await session.run(feeds)).toEqual(first);
        await session.dispose();
        return first;
      }),
    );
    expect(low!.large).toEqual(openSafetensors(path).read('large'));
    expectClose(low!.y, fast!.y, 1e-6);
    // Those that are widened in runs are listed among the graph's inputs, so that nothing folds them.
    const listed = (widenInRuns: boolean): number => {
      const [graph] = bytesOf(emitModel({ y }, 'cpu', { widenInRuns }).bytes, 7);
      return bytesOf(graph!, 11).length;
    };
    expect([listed(false), listed(true)]).toEqual([1, 2]);
  });

  it('are named, with the file, where they lack or have another shape', async () => {
    const path = join(directory, 'short.safetensors');
    await writeSafetensors(path, new Map([['w', { shape: [2], data: waves('w', [2]) }]]));
    const p = mappedParameters(openSafetensors(path));
    expect(() => p.tensor('w', [3], zeros)).toThrow(
      new InputError(`${path}: tensor "w" has shape [2], the model needs [3]`),
    );
    expect(() => p.scope('block').tensor('w', [3], zeros)).toThrow(
      new InputError(`${path} lacks the tensor "block.w" of shape [3]`),
    );
  });
});

describe('frozen weights', () => {
  it('name the tensor that lacks or has another shape', () => {
    const p = frozenParameters(values, 'the test');
    expect(() => p.scope('one').tensor('scale', [4], ones)).toThrow(
      new InputError('the test lacks the tensor "one.scale" of shape [4]'),
    );
    expect(() => p.tensor('one.bias', [5], ones)).toThrow(
      new InputError('the test: tensor "one.bias" has shape [4], the model needs [5]'),
    );
  });

  it('are one constant however often they are used', () => {
    const p = frozenParameters(values, 'the test');
    const weight = (): Tensor => p.tensor('two.weight', [5, 4], ones);
    expect(weight()).toBe(weight());
    const { nodes } = inspectModel(emitModel({ y: mul(weight(), weight()) }).bytes);
    expect(nodes).toHaveLength(2);
  });

  it('may have other names where they are stored', () => {
    const p = renamedParameters(frozenParameters(values, 'the test'), (name) =>
      name.replace('first', 'one'),
    );
    expect(p.scope('first').tensor('bias', [4], zeros).shape).toEqual([4]);
  });
});

describe('trained weights', () => {
  it('are inputs, and keep the values that are there', () => {
    const known = new Map(values);
    const p = trainableParameters(known, 0);
    model(p);
    expect([...p.inputs.keys()]).toEqual(['one.weight', 'one.bias', 'two.weight']);
    expect(p.values.get('one.bias')).toBe(values.get('one.bias'));
  });

  it('start from the seed and their own name alone', () => {
    const first = trainableParameters(new Map(), 3);
    model(first);
    const second = trainableParameters(new Map(), 3);
    linear(second.scope('two'), input('h', [1, 4]), 5);
    linear(second.scope('zero'), input('h', [1, 4]), 5);
    expect(second.values.get('two.weight')).toEqual(first.values.get('two.weight'));
    expect(second.values.get('zero.weight')).not.toEqual(first.values.get('two.weight'));
    const other = trainableParameters(new Map(), 4);
    model(other);
    expect(other.values.get('two.weight')).not.toEqual(first.values.get('two.weight'));
  });

  it('start as in PyTorch: uniform within 1 / √(fan-in)', () => {
    const p = trainableParameters(new Map(), 3);
    model(p);
    const { data } = p.values.get('one.weight')!;
    const bound = 1 / Math.sqrt(27);
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...data.map(Math.abs))).toBeGreaterThan(0.9 * bound);
  });

  it('name the tensor of another shape', () => {
    const p = trainableParameters(new Map(values), 0);
    expect(() => p.tensor('one.bias', [7], zeros)).toThrow(
      'the parameters to train: tensor "one.bias" has shape [4], the model needs [7]',
    );
  });
});
