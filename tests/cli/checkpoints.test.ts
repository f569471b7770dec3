import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../src/checkpoints/safetensors.js';
import { zipCheckpoint } from '../checkpoints/checkpoint-writer.js';
import { EXPECTED, fixture } from '../checkpoints/expected-checkpoints.js';
import { dict, storage, tensor } from '../checkpoints/pickle/pickle-writer.js';
import { featinv } from './in-process.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-cli-checkpoints-'));
afterAll(() => rmSync(directory, { recursive: true }));
const out = path.join(directory, 'out.safetensors');

describe('featinv tensors', () => {
  it('lists a checkpoint of Lightning', async () => {
    const file = fixture('lightning.pt');
    const { code, stdout, stderr } = await featinv('tensors', file, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const expected = Object.entries(EXPECTED['lightning.pt']!.tensors);
    expect(JSON.parse(stdout)).toMatchObject({
      file,
      format: 'PyTorch zip',
      wrappers: ['state_dict'],
      tensors: expected.map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
      parameters: expected.reduce((sum, [, { values }]) => sum + values.length, 0),
      outside: 7,
      metadata: { epoch: 3, global_step: 12345678901 },
    });
  });

  it('prints a table and what stands around it', async () => {
    const { stdout } = await featinv('tensors', fixture('lightning.pt'));
    expect(stdout).toMatch(/^tensor +dtype +shape\nmodel\.conv\.weight +F32 +\[4, 3, 3, 3\]\n/);
    expect(stdout).toContain('\n9 tensors, 139 parameters, 0.0 MB, PyTorch zip\n');
    expect(stdout).toContain('the state dict stands under state_dict\n');
    expect(stdout).toContain('7 more tensors stand beside it: list them with --all\n');
  });

  it('names everything from the root with --all', async () => {
    const { stdout } = await featinv('tensors', fixture('lightning.pt'), '--all');
    expect(stdout).toMatch(/\nstate_dict\.model\.conv\.weight +F32/);
    expect(stdout).toMatch(/\noptimizer_states\.0\.state\.4\.exp_avg +F32/);
    expect(stdout).toContain('\n16 tensors, ');
  });

  it('prints no control characters of a file', async () => {
    const file = path.join(directory, 'names.pt');
    const w = tensor(storage('FloatStorage', '0', 1), 0, [1], [1]);
    const body = dict(['a\x1b[2Jb', w]);
    writeFileSync(file, zipCheckpoint(body, [['0', new Uint8Array(4)]]));
    expect((await featinv('tensors', file)).stdout).toContain('\na\ufffd[2Jb');
  });

  it('refuses a file that asks for a command, and does not run it', async () => {
    const file = fixture('evil-system.ckpt');
    const { code, stdout, stderr } = await featinv('tensors', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `featinv: ${file} asks for posix.system, which is not among the few constructors that a state ` +
        'dict needs; nothing of it was run. If you trust its source, save the state_dict() alone with ' +
        'PyTorch and give that file\n',
    );
  });
});

describe('featinv convert', () => {
  it('writes safetensors with the values of the source', async () => {
    const source = fixture('network.legacy.pth');
    const { code, stdout } = await featinv('convert', source, '--out', out, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      file: source,
      format: 'PyTorch legacy',
      out,
      tensors: 9,
    });
    const { values } = EXPECTED['network.legacy.pth']!.tensors['conv.weight']!;
    expect(openSafetensors(out).read('conv.weight')).toEqual(Float32Array.from(values));
  });

  it('takes a prefix off and stores halves on request; its own files can be its source', async () => {
    const source = fixture('lightning.pt');
    await featinv('convert', source, '--strip-prefix', 'model.', '--dtype', 'F16', '--out', out);
    const again = path.join(directory, 'again.safetensors');
    const { code } = await featinv('convert', out, '--out', again);
    expect(code).toBe(0);
    expect(openSafetensors(again).entries.get('out.bias')).toMatchObject({ dtype: 'F16' });
    expect(openSafetensors(again).metadata).toEqual({ format: 'pt' });
    expect(openSafetensors(again).entries.get('norm.num_batches_tracked')!.dtype).toBe('I64');
  });

  it.each([
    [[], '--out must name the .safetensors file to write, such as --out model.safetensors'],
    [['--out', out, '--dtype', 'F64'], '--dtype must be one of F32, F16, got "F64"'],
    [['--out', out, '--strip-prefix', 'x.'], 'has no tensor whose name begins with "x."'],
  ])('answers %j with one line and exit code 2', async (args, message) => {
    const { code, stderr } = await featinv('convert', fixture('network.pt'), ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^featinv: .*\n$/);
    expect(stderr).toContain(message);
  });
});
