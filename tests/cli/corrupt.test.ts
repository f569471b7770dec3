import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePng } from '../../src/images/png.js';
import { readImage } from '../../src/images/read-image.js';
import { packageRoot } from '../../src/package-root.js';
import { CORRUPTION_KINDS } from '../../src/robustness/corruptions/index.js';
import { featinv } from './in-process.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-corrupt-'));
afterAll(() => rmSync(directory, { recursive: true }));

const FIXTURES = path.join(packageRoot(), 'tests', 'fixtures', 'corruptions');
const wide = path.join(FIXTURES, 'wide.png');
const square = path.join(FIXTURES, 'square.png');

interface Result {
  readonly image: string;
  readonly outputs: { readonly kind: string; readonly severity: number; readonly file: string }[];
  readonly sheet: { readonly file: string; readonly rows: string[]; readonly columns: unknown[] };
}

async function corruptTo(name: string, ...args: string[]): Promise<Result[]> {
  const out = path.join(directory, name);
  const run = await featinv('corrupt', ...args, '--out', out, '--json');
  expect(run.code, run.stderr).toBe(0);
  return JSON.parse(run.stdout) as Result[];
}

describe('featinv corrupt', () => {
  it('writes all kinds and severities and a sheet of them', async () => {
    const [result] = await corruptTo('all', wide, '--kind', 'all', '--severity', 'all');
    expect(result!.outputs).toHaveLength(19 * 5);
    expect(result!.outputs[7]).toEqual({
      kind: 'shot_noise',
      severity: 3,
      file: path.join(directory, 'all', 'wide.shot_noise.3.png'),
    });
    const { file, rows, columns } = result!.sheet;
    expect({ rows, columns }).toEqual({
      rows: CORRUPTION_KINDS,
      columns: ['clean', 1, 2, 3, 4, 5],
    });
    const written = [...result!.outputs.map((output) => output.file), file];
    expect(readdirSync(path.join(directory, 'all')).sort()).toEqual(
      written.map((name) => path.basename(name)).sort(),
    );
    const [sheet, picture] = [await readImage(file), await readImage(wide)];
    expect([sheet.width, sheet.height]).toEqual([picture.width * 6, picture.height * 19]);
  });

  it('gives the same files for a seed, others for another, and differs between pictures', async () => {
    const options = ['--kind', 'fog,pixelate', '--severity', '2', '--size', '48'];
    const run = async (name: string, seed: string): Promise<Uint8Array[]> => {
      const results = await corruptTo(name, wide, wide, ...options, '--seed', seed);
      expect(results.map(({ sheet }) => sheet)).toEqual([null, null]);
      return results
        .flatMap(({ outputs }) => outputs)
        .map(({ file }) => new Uint8Array(readFileSync(file)));
    };
    const [first, again, other] = [await run('a', '1'), await run('b', '1'), await run('c', '2')];
    expect(readdirSync(path.join(directory, 'a')).sort()).toEqual([
      'wide-2.fog.2.png',
      'wide-2.pixelate.2.png',
      'wide.fog.2.png',
      'wide.pixelate.2.png',
    ]);
    expect(again).toEqual(first);
    expect(other[0]).not.toEqual(first[0]);
    expect(first[2]).not.toEqual(first[0]);
    expect(first[3]).toEqual(first[1]);
  });

  it('takes pictures of ice from a folder', async () => {
    const only = ['--kind', 'frost', '--severity', '5'];
    const texture = { width: 60, height: 60, data: new Uint8Array(60 * 60 * 3).fill(200) };
    const folder = path.join(directory, 'ice');
    mkdirSync(folder);
    await writePng(path.join(folder, 'even.png'), texture);
    const [result] = await corruptTo('frost', square, ...only, '--frost-textures', folder);
    const [before, after] = [await readImage(square), await readImage(result!.outputs[0]!.file)];
    expect(after.data).toEqual(
      before.data.map((value) => Math.min(255, Math.trunc(0.6 * value + 0.75 * 200))),
    );
  });

  it('goes on after a picture that is too small', async () => {
    const small = path.join(directory, 'small.png');
    await writePng(small, { width: 20, height: 40, data: new Uint8Array(20 * 40 * 3) });
    const out = path.join(directory, 'small');
    const args = ['--kind', 'contrast', '--severity', '1', '--out', out];
    const run = await featinv('corrupt', small, square, ...args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(
      `${small} has 20x40 pixels; corruptions need at least 32 on each side`,
    );
    expect(run.stdout).toBe(`${square}\n  ${path.join(out, 'square.contrast.1.png')}\n`);
  });

  it.each([
    [['--kind', 'rain'], '--kind must be one of all, gaussian_noise,'],
    [['--severity', '6'], '--severity must be one of all, 1, 2, 3, 4, 5, got "6"'],
    [['--size', '16'], '--size must be an integer from 32'],
    [['--frost-textures', path.join(directory, 'nowhere')], 'nowhere does not exist'],
  ])('refuses %j', async (args, sentence) => {
    const run = await featinv('corrupt', square, ...args, '--out', path.join(directory, 'none'));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(sentence);
  });
});
