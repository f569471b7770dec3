/** How values are stored, and what becomes of files that are damaged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { toFloat16 } from '../../../src/checkpoints/float16.js';
import { InputError } from '../../../src/errors.js';
import { gradients, input, sum } from '../../../src/graph/index.js';
import { inspectModel } from '../../../src/onnx/inspect-model.js';
import { readOnnxModel } from '../../../src/onnx/import/onnx-model.js';
import { traceModel } from '../../../src/onnx/import/trace-model.js';
import { MessageWriter } from '../../../src/onnx/protobuf.js';
import { fixtureBytes, fixtureNames, FIXTURES, SIZE } from './onnx-fixture.js';
import { modelOf, row, weight } from './op-row.js';
import { opRows } from './op-rows/index.js';
import { writeModel } from './write-model.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-onnx-values-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A model that holds one value and nothing else. */
function modelWith(tensor: MessageWriter): Uint8Array {
  const graph = new MessageWriter().message(5, tensor.text(8, 'w'));
  return new MessageWriter()
    .message(7, graph)
    .message(8, new MessageWriter().integer(2, 17))
    .finish();
}

const header = (type: number, ...shape: number[]): MessageWriter => {
  const message = new MessageWriter();
  shape.forEach((size) => message.integer(1, size));
  return message.integer(2, type);
};

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** An external value: its place in a file. */
function external(entries: Record<string, string>): MessageWriter {
  const message = header(1, 2);
  for (const [key, value] of Object.entries(entries)) {
    message.message(13, new MessageWriter().text(1, key).text(2, value));
  }
  return message.integer(14, 1);
}

const valueOf = (tensor: MessageWriter) => {
  const value = readOnnxModel(modelWith(tensor), directory).constants.get('w')!;
  return { kind: value.kind, shape: value.shape, data: Array.from(value.data) };
};

const packed = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('stored values', () => {
  const floats = Float32Array.of(1.5, -2);
  it.each<[string, MessageWriter, string, number[]]>([
    ['float32 bytes', header(1, 2).bytes(9, bytesOf(floats)), 'float', [1.5, -2]],
    ['float32 in a list', header(1, 2).bytes(4, bytesOf(floats)), 'float', [1.5, -2]],
    ['float32 one by one', header(1, 2).float(4, 1.5).float(4, -2), 'float', [1.5, -2]],
    [
      'half precision bytes',
      header(10, 2).bytes(9, bytesOf(toFloat16(floats))),
      'float',
      [1.5, -2],
    ],
    ['half precision in a list', header(10, 1).integer(5, 0x3e00), 'float', [1.5]],
    [
      'double bytes',
      header(11, 1).bytes(9, bytesOf(Float64Array.of(0.1))),
      'float',
      [Math.fround(0.1)],
    ],
    ['double in a list', header(11, 1).bytes(10, bytesOf(Float64Array.of(2))), 'float', [2]],
    ['int64 bytes', header(7, 2).bytes(9, bytesOf(BigInt64Array.of(-3n, 4n))), 'integer', [-3, 4]],
    ['int64 in a list', header(7, 2).bytes(7, packed(0xac, 0x02, 5)), 'integer', [300, 5]],
    ['negative int64', header(7, 1).integer(7, -9), 'integer', [-9]],
    ['int32 bytes', header(6, 1).bytes(9, bytesOf(Int32Array.of(-7))), 'integer', [-7]],
    ['int32 in a list', header(6, 2).bytes(5, packed(1, 2)), 'integer', [1, 2]],
    ['int8 bytes', header(3, 1).bytes(9, packed(0xff)), 'integer', [-1]],
    ['booleans', header(9, 2).bytes(9, packed(1, 0)), 'boolean', [1, 0]],
  ])('%s', (_, tensor, kind, data) => {
    expect(valueOf(tensor)).toEqual({ kind, shape: [data.length], data });
  });

  it('lie in a file beside the model', () => {
    writeFileSync(path.join(directory, 'w.bin'), bytesOf(Float32Array.of(9, 8, 7, 6)));
    const found = valueOf(external({ location: 'w.bin', offset: '4', length: '8' }));
    expect(found.data).toEqual([8, 7]);
    // Without a length to the end of the file.
    expect(valueOf(external({ location: 'w.bin', offset: '8' })).data).toEqual([7, 6]);
  });

  it.each<[string, MessageWriter, RegExp]>([
    ['text', header(8, 1), /"w" has the data type 8; float, double, half/],
    ['too few', header(1, 3).float(4, 1), /"w" holds 1 values, its shape \[3\] has 3/],
    ['a negative size', header(1, -3).float(4, 1), /holds 1 values, its shape \[-3\]/],
    ['outside', external({ location: '../w.bin' }), /"\.\.\/w\.bin", which is not a file beside/],
    ['elsewhere', external({ location: '/etc/passwd' }), /which is not a file beside the model/],
    ['missing', external({ location: 'no.bin' }), /cannot read .*no\.bin, where .* no such file/],
    [
      'a short file',
      external({ location: 'w.bin', offset: '12', length: '8' }),
      /ends inside the tensor "w"/,
    ],
    ['before the file', external({ location: 'w.bin', offset: '-4', length: '8' }), /w\.bin/],
    ['no number', external({ location: 'w.bin', offset: 'x', length: '8' }), /w\.bin/],
    ['a huge length', external({ location: 'w.bin', length: '1e18' }), /w\.bin/],
    ['a folder', external({ location: '.', length: '8' }), /cannot read/],
  ])('are refused: %s', (_, tensor, message) => {
    expect(() => readOnnxModel(modelWith(tensor), directory)).toThrow(InputError);
    expect(() => readOnnxModel(modelWith(tensor), directory)).toThrow(message);
  });
});

describe('models that are refused', () => {
  it('names the version of the operator set that is too old', () => {
    const old = writeModel({ opset: 6, nodes: [], stored: {}, x: [1], outputs: [] });
    expect(() => readOnnxModel(old, '.')).toThrow(
      'the model is of version 6 of the operator set; export it with 7 or later',
    );
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a kernel without positions',
      modelOf(row('MaxPool', '', { attributes: { kernel_shape: [3] } })),
      'MaxPool node "node of made0": kernel_shape [3] is not for images [N,C,H,W]',
    ],
    [
      'a step of 0',
      modelOf(row('MaxPool', '', { attributes: { kernel_shape: [2, 2], strides: [0, 1] } })),
      'kernel, strides and dilations must be whole numbers from 1',
    ],
    [
      'shapes that do not fit',
      modelOf(row('MatMul', '', { x: [2, 3], operands: ['x', weight(4, 5)] })),
      'MatMul node "node of made0": matmul([2,3], [4,5]): inner sizes 3 and 4 differ',
    ],
    [
      'an operand that is not known before the run',
      modelOf(row('Reshape', '', { operands: ['x', 'x'] })),
      'Reshape node "node of made0": operand 1 is not known before the run',
    ],
    [
      'a missing operand',
      modelOf(row('Add', '', { operands: ['x', ''] })),
      'Add node "node of made0": operand 1 is missing',
    ],
  ])('%s', (_, model, message) => {
    const { shape } = inspectModel(model).inputs[0]!;
    const x = input('x', shape!.map(Number));
    const traced = traceModel(readOnnxModel(model, '.'), new Map([['x', x]]));
    expect(() => traced.require('float0')).toThrow(InputError);
    expect(() => traced.require('float0')).toThrow(message);
  });
});

describe('damaged models', () => {
  /** Whether a model can be traced and differentiated; if not, the error must be an InputError. */
  const attempt = (bytes: Uint8Array, from = 'pixels', to = 'scores'): boolean => {
    try {
      const fed = input(from, [1, 3, SIZE, SIZE]);
      const traced = traceModel(readOnnxModel(bytes, FIXTURES), new Map([[from, fed]]));
      gradients(sum(traced.require(to)), [fed]);
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return false;
    }
  };

  it.each(fixtureNames)('%s, cut off', (name) => {
    const bytes = fixtureBytes(name);
    expect(attempt(bytes)).toBe(true);
    const cut = (length: number): void => void attempt(bytes.subarray(0, length));
    fc.assert(fc.property(fc.nat({ max: bytes.length - 1 }), cut), { numRuns: 6 });
  });

  it.each(fixtureNames)('%s, with other bytes in it', (name) => {
    const bytes = fixtureBytes(name);
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const broken = new Uint8Array(bytes);
        for (const [at, value] of changes) broken[at] = value;
        attempt(broken);
      }),
      { numRuns: 25 },
    );
  });

  it('single nodes, with other bytes in them', () => {
    const bytes = fc.constantFrom(...opRows.map(modelOf));
    // Bytes that change signs, lengths and sizes much.
    const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff));
    const change = fc.tuple(fc.nat(), byte);
    fc.assert(
      fc.property(bytes, fc.array(change, { minLength: 1, maxLength: 3 }), (model, changes) => {
        const broken = new Uint8Array(model);
        for (const [at, value] of changes) broken[at % broken.length] = value;
        attempt(broken, 'x', 'float0');
      }),
      { numRuns: 1000 },
    );
  });
});
