import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stripPrefix } from '../../src/checkpoints/checkpoint-file.js';
import { DTYPE_BYTES, elementCount, toFloat32 } from '../../src/checkpoints/dtypes.js';
import { openCheckpoint } from '../../src/checkpoints/open-checkpoint.js';
import { encodeSafetensors } from '../../src/checkpoints/safetensors.js';
import { InputError } from '../../src/errors.js';
import { EXPECTED, fixture } from './expected-checkpoints.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-checkpoints-'));
afterAll(() => rmSync(directory, { recursive: true }));

function written(name: string, content: Uint8Array | string): string {
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return file;
}

describe.each(Object.entries(EXPECTED))('%s, as PyTorch reads it', (name, expected) => {
  const file = openCheckpoint(fixture(name));

  it('has the same tensors', () => {
    expect(file.wrappers).toEqual(expected.wrappers);
    expect(new Set(file.entries.keys())).toEqual(new Set(Object.keys(expected.tensors)));
    for (const [tensor, { dtype, shape, values }] of Object.entries(expected.tensors)) {
      const entry = file.entries.get(tensor)!;
      expect({ tensor, ...entry }).toMatchObject({ tensor, dtype, shape });
      expect(entry.byteLength).toBe(elementCount(shape) * DTYPE_BYTES[entry.dtype]);
      expect(file.read(tensor)).toEqual(Float32Array.from(values));
    }
  });

  it('gives the places of those that can be mapped', () => {
    const bytes = readFileSync(fixture(name));
    for (const [tensor, { offset, byteLength, dtype }] of file.entries) {
      if (offset === undefined) continue;
      expect(offset % DTYPE_BYTES[dtype]).toBe(0);
      const mapped = Uint8Array.from(bytes.subarray(offset, offset + byteLength));
      expect(toFloat32(name, tensor, dtype, mapped)).toEqual(file.read(tensor));
    }
  });
});

describe('what is mapped', () => {
  it('is all that lies in one piece in a zip file', () => {
    const { entries } = openCheckpoint(fixture('views.pt'));
    const read = [...entries].filter(([, { offset }]) => offset === undefined);
    expect(read.map(([name]) => name)).toEqual([
      'column',
      'transposed',
      'every_other',
      'permuted',
      'channels_last',
      'expanded',
    ]);
    const { offset } = entries.get('whole')!;
    expect(entries.get('rows')!.offset).toBe(offset! + 6 * 4);
    expect(entries.get('tied.a')!.offset).toBe(entries.get('tied.b')!.offset);
  });

  it('is nothing of a big-endian machine', () => {
    const { entries } = openCheckpoint(fixture('big-endian.pt'));
    expect([...entries.values()].filter(({ offset }) => offset !== undefined)).toEqual([]);
  });
});

describe('what stands beside the state dict', () => {
  it.each(['lightning.pt', 'lightning.legacy.pth', 'lightning.protocol4.ckpt'])(
    'is known and not among the tensors: %s',
    (name) => {
      const file = openCheckpoint(fixture(name));
      expect(file.outside).toBe(7);
      expect(file.metadata).toMatchObject({
        epoch: 3,
        global_step: 12345678901,
        'pytorch-lightning_version': '1.4.2',
        'callbacks.pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint.monitor':
          'val/loss',
        'lr_schedulers.0.base_lrs.0': 1e-4,
        'lr_schedulers.0.last': -7,
        'lr_schedulers.0.seen': 0.5,
        'hyper_parameters.size.1': 4,
        'hyper_parameters.device': 'cuda:1',
        'hyper_parameters.dtype': 'torch.float16',
        'hyper_parameters.kinds.0': 'a',
        'hyper_parameters.on': true,
      });
    },
  );

  it('is there on request, all named from the root', () => {
    const file = openCheckpoint(fixture('lightning.pt'), { unwrap: false });
    expect({ wrappers: file.wrappers, outside: file.outside }).toEqual({
      wrappers: [],
      outside: 0,
    });
    expect(file.entries.size).toBe(9 + 7);
    expect(file.entries.has('state_dict.model.conv.weight')).toBe(true);
    expect([...file.read('optimizer_states.0.state.4.step')]).toEqual([1]);
  });
});

describe('prefixes', () => {
  it('are taken off the names, and other tensors left out', () => {
    const file = stripPrefix(openCheckpoint(fixture('lightning.pt')), 'model.conv.');
    expect([...file.entries.keys()]).toEqual(['weight', 'bias']);
    const { values } = EXPECTED['lightning.pt']!.tensors['model.conv.bias']!;
    expect(file.read('bias')).toEqual(Float32Array.from(values));
    expect(() => file.read('model.conv.bias')).toThrow('has no tensor "model.conv.bias"');
  });

  it('must be there', () => {
    const file = openCheckpoint(fixture('network.pt'));
    expect(() => stripPrefix(file, 'module.')).toThrow(
      new InputError(`${file.path} has no tensor whose name begins with "module."`),
    );
  });
});

describe('files that are refused', () => {
  it.each([
    ['evil-system.ckpt', 'asks for posix.system, which is not among the few constructors'],
    ['evil-before.pt', 'asks for posix.system, which'],
    ['evil-plain.pkl', 'asks for posix.system, which'],
    ['evil-eval.pth', 'asks for __builtin__.eval, which'],
    ['evil-getattr.pt', 'asks for __builtin__.getattr, which'],
    ['evil-import.pt', 'asks for __builtin__.__import__, which'],
    ['module.pt', 'asks for torch.nn.modules.linear.Linear, which'],
    ['complex.pt', 'asks for torch.ComplexFloatStorage, which'],
    ['evil-args.pt', 'its pickle calls torch._utils._rebuild_tensor_v2 with wrong arguments'],
    ['evil-encode.pt', 'calls _codecs.encode with wrong arguments, such as "rot13"'],
    ['plain.pkl', 'it is a pickle that torch.save did not write'],
    ['compressed.pt', '"network/data.pkl" is compressed in the archive'],
    ['torchscript.pt', 'is a TorchScript program, not a state dict'],
    ['tar.pth', 'it is a tar archive, as PyTorch 0.1 wrote them'],
  ])('%s: %s', (name, message) => {
    expect(() => openCheckpoint(fixture(name))).toThrow(InputError);
    expect(() => openCheckpoint(fixture(name))).toThrow(message);
    expect(() => openCheckpoint(fixture(name))).toThrow(fixture(name));
  });

  it.each([
    ['empty.ckpt', '', 'it is truncated'],
    ['page.ckpt', '<!DOCTYPE html>', 'is not a valid PyTorch checkpoint'],
    ['notes.txt', 'some words', 'it begins like none of safetensors'],
    ['lfs.ckpt', 'version https://git-lfs.github.com/spec/v1\n', 'it is a pointer of Git LFS'],
    ['cut.safetensors', 'abc', 'is not a valid safetensors file: it has only 3 bytes'],
  ])('%s', (name, content, message) => {
    const file = written(name, content);
    expect(() => openCheckpoint(file)).toThrow(InputError);
    expect(() => openCheckpoint(file)).toThrow(message);
  });

  it('names a missing file and a directory', () => {
    expect(() => openCheckpoint(fixture('none.pt'))).toThrow('none.pt: no such file or directory');
    expect(() => openCheckpoint(directory)).toThrow('is not a file; give a checkpoint file');
  });

  it('knows types of eight bits, and says that it does not read them', () => {
    const file = openCheckpoint(fixture('float8.pt'));
    expect(file.entries.get('w')).toMatchObject({ dtype: 'F8_E4M3', shape: [2], byteLength: 2 });
    expect(file.read('plain')).toHaveLength(2);
    expect(() => file.read('w')).toThrow('tensor "w" is stored as F8_E4M3; convert it');
  });
});

describe('safetensors', () => {
  const tensors = (name: string, values: number[]) =>
    encodeSafetensors(
      new Map([[name, { shape: [values.length], data: Float32Array.from(values) }]]),
    );

  it('are known by their content', () => {
    const file = openCheckpoint(written('model.bin', tensors('w', [1, 2])));
    expect(file.format).toBe('safetensors');
    expect([...file.read('w')]).toEqual([1, 2]);
  });

  const index = (weightMap: unknown): string =>
    written('m.safetensors.index.json', JSON.stringify({ metadata: {}, weight_map: weightMap }));

  it('may lie in several files with an index', () => {
    const first = written('m-1.safetensors', tensors('a', [1]));
    written('m-2.safetensors', tensors('b', [2, 3]));
    const file = openCheckpoint(index({ a: 'm-1.safetensors', b: 'm-2.safetensors' }));
    expect(file.format).toBe('index');
    expect(file.entries.get('a')).toMatchObject({ dtype: 'F32', shape: [1], path: first });
    expect([...file.read('b')]).toEqual([2, 3]);
    expect(() => file.read('c')).toThrow('has no tensor "c"');
  });

  it('may lie in several files of PyTorch with an index', () => {
    const shard = written('m-1.bin', readFileSync(fixture('views.pt')));
    written('m-2.safetensors', tensors('b', [2, 3]));
    const file = openCheckpoint(
      index({ rows: 'm-1.bin', column: 'm-1.bin', b: 'm-2.safetensors' }),
    );
    const { offset } = openCheckpoint(shard).entries.get('rows')!;
    expect(file.entries.get('rows')).toMatchObject({ path: shard, offset });
    for (const name of ['rows', 'column']) {
      expect(file.read(name)).toEqual(
        Float32Array.from(EXPECTED['views.pt']!.tensors[name]!.values),
      );
    }
  });

  it('may not lie in an index of an index', () => {
    written('m-3.json', JSON.stringify({ weight_map: {} }));
    expect(() => openCheckpoint(index({ a: 'm-3.json' }))).toThrow('which is an index itself');
  });

  it.each<[unknown, string]>([
    [[], 'it has no "weight_map" from tensors to files'],
    [{ a: '../m-1.safetensors' }, 'tensor "a" is in no file beside it'],
    [{ a: '/etc/passwd' }, 'tensor "a" is in no file beside it'],
    [{ a: 7 }, 'tensor "a" is in no file beside it'],
    [{ z: 'm-1.safetensors' }, 'tensor "z" is not in m-1.safetensors'],
    [{ a: 'm-9.safetensors' }, 'm-9.safetensors: no such file or directory'],
  ])('index %j is refused', (weightMap, message) => {
    const file = index(weightMap);
    expect(() => openCheckpoint(file)).toThrow(InputError);
    expect(() => openCheckpoint(file)).toThrow(message);
  });
});
