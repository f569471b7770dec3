import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../src/checkpoints/convert-checkpoint.js';
import { fromFloat16, toFloat16 } from '../../src/checkpoints/float16.js';
import { openCheckpoint } from '../../src/checkpoints/open-checkpoint.js';
import { openSafetensors } from '../../src/checkpoints/safetensors.js';
import { WorkError } from '../../src/errors.js';
import { EXPECTED, fixture } from './expected-checkpoints.js';
import { zipCheckpoint } from './checkpoint-writer.js';
import { open } from './open-bytes.js';
import { dict, storage, tensor } from './pickle/pickle-writer.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-convert-'));
afterAll(() => rmSync(directory, { recursive: true }));
const out = path.join(directory, 'out.safetensors');

describe.each(['dtypes.legacy.pth', 'views.pt', 'big-endian.pt', 'parameters.pt'])('%s', (name) => {
  const { tensors } = EXPECTED[name]!;

  it('keeps values and types', async () => {
    await convertCheckpoint(openCheckpoint(fixture(name)), out);
    const file = openSafetensors(out);
    expect([...file.entries.keys()]).toEqual(Object.keys(tensors).sort());
    for (const [tensor, { dtype, shape, values }] of Object.entries(tensors)) {
      expect(file.entries.get(tensor)).toMatchObject({ dtype, shape });
      expect(file.read(tensor)).toEqual(Float32Array.from(values));
    }
  });

  it.each(['F32', 'F16'] as const)('stores fractions as %s on request', async (dtype) => {
    await convertCheckpoint(openCheckpoint(fixture(name)), out, { dtype });
    const file = openSafetensors(out);
    for (const [tensor, expected] of Object.entries(tensors)) {
      const fractional = /^B?F\d/.test(expected.dtype);
      const values = Float32Array.from(expected.values);
      expect(file.entries.get(tensor)!.dtype).toBe(fractional ? dtype : expected.dtype);
      expect(file.read(tensor)).toEqual(
        fractional && dtype === 'F16' ? fromFloat16(toFloat16(values)) : values,
      );
    }
  });
});

it('says how far it is, and marks the file as other programs expect', async () => {
  const seen: number[] = [];
  await convertCheckpoint(openCheckpoint(fixture('network.pt')), out, {
    metadata: { note: 'x' },
    onTensor: (done) => seen.push(done),
  });
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(openSafetensors(out).metadata).toEqual({ format: 'pt', note: 'x' });
});

it('gives the same bytes for both formats of PyTorch', async () => {
  await convertCheckpoint(openCheckpoint(fixture('views.pt')), out);
  const fromZip = readFileSync(out);
  await convertCheckpoint(openCheckpoint(fixture('views.legacy.pth')), out);
  expect(readFileSync(out)).toEqual(fromZip);
});

it('refuses what float16 cannot hold and leaves nothing behind', async () => {
  const large = new Uint8Array(Float32Array.of(1, 70000).buffer);
  const body = dict(['w', tensor(storage('FloatStorage', '0', 2), 0, [2], [1])]);
  const file = open(zipCheckpoint(body, [['0', large]]));
  const before = readdirSync(directory);
  await expect(
    convertCheckpoint(file, path.join(directory, 'none.safetensors'), { dtype: 'F16' }),
  ).rejects.toThrow(
    new WorkError('tensor "w" holds 70000, beyond the largest float16, 65504: store it as F32'),
  );
  expect(readdirSync(directory)).toEqual(before);
});
