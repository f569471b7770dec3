import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { encodeSafetensors } from '../../src/checkpoints/safetensors.js';
import { loadInverter } from '../../src/inversion/inverter.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { photograph, writeHeaderBomb, writeTruncated } from './bad-files.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
const at = (...parts: string[]): string => path.join(micro.directory, ...parts);
const picture = (name: string): string => path.join(micro.photographs, name);

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const reconstruct = (...args: string[]) =>
  featinv('reconstruct', '--model', micro.inverter, '--threads', '1', ...args);

interface Record {
  readonly image: string;
  readonly outputs: string[];
  readonly cosine: { mean: number; median: number };
  readonly top1: { original: string | null; reconstruction: string };
  readonly top5Match: boolean;
  readonly seconds: number;
}

const parse = (stdout: string): Record[] => JSON.parse(stdout) as Record[];

describe('featinv reconstruct', () => {
  it('gives one record for each picture, also of folders, and writes what it names', async () => {
    const out = at('records');
    const photo = photograph('cat.jpg');
    const run = await reconstruct(photo, micro.photographs, '--out', out, '--json');
    expect(run.code, run.stderr).toBe(0);
    const records = parse(run.stdout);
    const pictures = ['0.png', '1.png', '2.png'].map(picture);
    expect(records.map(({ image }) => image)).toEqual([photo, ...pictures]);
    expect(records.flatMap(({ outputs }) => outputs)).toEqual(
      ['cat', '0', '1', '2'].map((stem) => path.join(out, `${stem}.micro.100.png`)),
    );
    expect(readdirSync(out)).toHaveLength(4);
    for (const { cosine, seconds, top1 } of records) {
      expect(Math.abs(cosine.mean)).toBeLessThan(1);
      expect(Math.abs(cosine.median)).toBeLessThan(1);
      expect(seconds).toBeGreaterThan(0);
      expect(top1.reconstruction).not.toBe('');
    }
    expect(records[0]!.top1.original).toMatch(/cat/);
  });

  it('prints a table without --json', async () => {
    const run = await reconstruct(picture('0.png'), '--out', at('table'));
    expect(run.stdout).toMatch(
      /^picture +cosine +median +top-1 original +top-1 reconstruction +top 5/,
    );
    expect(run.stdout.split('\n')[1]).toContain(path.join('table', '0.micro.100.png'));
  });

  it('makes the same bytes again, others from another seed; sample k uses seed + k', async () => {
    const make = async (folder: string, ...args: string[]): Promise<Buffer[]> => {
      const run = await reconstruct(picture('0.png'), '--out', at(folder), '--json', ...args);
      expect(run.code, run.stderr).toBe(0);
      return parse(run.stdout)[0]!.outputs.map((file) => readFileSync(file));
    };
    const [first, second] = await make('seeds', '--samples', '2', '--seed', '7');
    expect(readdirSync(at('seeds'))).toEqual(['0.micro.7.png', '0.micro.8.png']);
    expect(first!.equals(second!)).toBe(false);
    const again = await make('again', '--samples', '2', '--seed', '7');
    expect(again[0]!.equals(first!) && again[1]!.equals(second!)).toBe(true);
    const options = ['--sampler', 'ddim', '--eta', '1', '--steps', '2', '--guidance-mode', 'text'];
    const [noisy] = await make('noisy', ...options);
    const [noisyAgain] = await make('noisy-again', ...options);
    expect(noisyAgain!.equals(noisy!)).toBe(true);
  });

  it('does not let two inputs of one name overwrite each other', async () => {
    mkdirSync(at('other'));
    cpSync(picture('1.png'), at('other', '0.png'));
    const files = [picture('0.png'), at('other', '0.png')];
    const run = await reconstruct(...files, '--out', at('one-name'), '--json');
    const [one, other] = parse(run.stdout).map(({ outputs }) => outputs[0]!);
    expect(other).toBe(at('one-name', '0-2.micro.100.png'));
    expect(readFileSync(one!).equals(readFileSync(other!))).toBe(false);
  });

  it('works with 1 step and refuses fewer than 1 and more than 1000', async () => {
    const run = await reconstruct(picture('0.png'), '--steps', '1', '--out', at('one'));
    expect(run.code, run.stderr).toBe(0);
    for (const steps of ['0', '-1', '1001']) {
      const refused = await reconstruct(picture('0.png'), '--steps', steps);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toBe(
        `featinv: --steps must be an integer from 1 to 1000, got "${steps}"\n`,
      );
    }
  });
});

describe('featinv reconstruct --features', () => {
  const write = (name: string, shape: number[], data: Float32Array, from?: string): string => {
    const metadata = from === undefined ? {} : { metadata: { layer: from } };
    writeFileSync(at(name), encodeSafetensors(new Map([['features', { shape, data }]]), metadata));
    return at(name);
  };

  it('draws the same picture from a stored map, and knows its class from the last layer', async () => {
    const inverter = await loadInverter(micro.inverter, { threads: 1 });
    const { data } = await inverter.features(photograph('cat.jpg'));
    await inverter.dispose();
    const map = write('cat-map.safetensors', [1, 256, 7, 7], data);
    const stored = await reconstruct('--features', map, '--out', at('stored'), '--json');
    expect(stored.code, stored.stderr).toBe(0);
    const direct = await reconstruct(photograph('cat.jpg'), '--out', at('direct'), '--json');
    const [fromMap, fromPicture] = [parse(stored.stdout)[0]!, parse(direct.stdout)[0]!];
    expect(fromMap.outputs).toEqual([at('stored', 'cat-map.micro.100.png')]);
    expect(readFileSync(fromMap.outputs[0]!).equals(readFileSync(fromPicture.outputs[0]!))).toBe(
      true,
    );
    expect(fromMap.top1).toEqual(fromPicture.top1);
    expect(fromMap.cosine).toEqual(fromPicture.cosine);
  });

  it('refuses maps that the model cannot read', async () => {
    const zeros = new Float32Array(256 * 7 * 7);
    const whole = write('whole.safetensors', [1, 256, 7, 7], zeros);
    writeTruncated(whole, at('cut.safetensors'));
    writeFileSync(at('noise.safetensors'), Buffer.alloc(100, 0xab));
    writeFileSync(
      at('unnamed.safetensors'),
      encodeSafetensors(new Map([['feature', { shape: [1], data: new Float32Array(1) }]])),
    );
    const refusals: [string, RegExp][] = [
      [
        write('small.safetensors', [1, 256, 3, 3], new Float32Array(256 * 9)),
        /"features" has shape \[1,256,3,3\], micro reads maps of shape \[1,256,7,7\]/,
      ],
      [write('flat.safetensors', [256 * 49], zeros), /has shape \[12544\], micro reads/],
      [
        write(
          'nan.safetensors',
          [1, 256, 7, 7],
          zeros.map(() => NaN),
        ),
        /not finite/,
      ],
      [
        write('other.safetensors', [1, 256, 7, 7], zeros, 'Conv2d_1'),
        /map of layer Conv2d_1 of mobilenet_v1_025, micro reads layer Conv2d_13_pointwise/,
      ],
      [at('cut.safetensors'), /cut\.safetensors/],
      [at('noise.safetensors'), /noise\.safetensors/],
      [at('unnamed.safetensors'), /no tensor "features": did you mean "feature"\?/],
      [at('missing.safetensors'), /cannot read .*missing\.safetensors: no such file/],
    ];
    for (const [file, message] of refusals) {
      const run = await reconstruct('--features', file, '--out', at('refused'), '--json');
      expect(run.code, run.stderr).toBe(2);
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(parse(run.stdout)).toEqual([]);
    }
  });
});

describe('featinv reconstruct with bad input', () => {
  it('names each bad picture in one line, still does the others and ends with 2', async () => {
    writeFileSync(at('text.jpg'), 'not a picture');
    writeTruncated(photograph('coffee.jpg'), at('cut.jpg'));
    writeHeaderBomb(at('bomb.png'));
    mkdirSync(at('empty'));
    const bad = ['text.jpg', 'cut.jpg', 'bomb.png', 'empty', 'missing.png'].map((name) => at(name));
    const run = await reconstruct(...bad, picture('2.png'), '--out', at('kept'), '--json');
    expect(run.code).toBe(2);
    const lines = run.stderr.split('\n').filter((line) => line.startsWith('featinv: '));
    expect(lines).toHaveLength(bad.length);
    for (const file of bad) expect(lines.some((line) => line.includes(file))).toBe(true);
    expect(run.stderr).toMatch(/bomb\.png has 20000x20000 pixels/);
    expect(run.stderr).not.toMatch(/\n +at /);
    expect(parse(run.stdout).map(({ image }) => image)).toEqual([picture('2.png')]);
    expect(readdirSync(at('kept'))).toEqual(['2.micro.100.png']);
  });

  it('refuses wrong usage with one sentence', async () => {
    writeFileSync(at('file'), '');
    const image = picture('0.png');
    const refusals: [string[], RegExp][] = [
      [[], /nothing to reconstruct: give pictures or folders, or --features/],
      [[image, '--features', at('x')], /--features takes the place of pictures/],
      [[image, '--out', at('file')], /--out must be a directory that can be written to/],
      [[image, '--samples', '0'], /--samples must be an integer from 1 to 1000, got "0"/],
      [[image, '--sampler', 'euler'], /--sampler must be one of ddim, dpm\+\+, got "euler"/],
      [[image, '--guidance-mode', 'both'], /--guidance-mode must be one of text, joint/],
      [[image, '--eta', '0.5'], /--eta must be 0 with --sampler dpm\+\+/],
      [[image, '--guidance', '-1'], /--guidance must be a number from 0 to 100, got "-1"/],
      [[image, '--seed', '1.5'], /--seed must be an integer from 0/],
    ];
    for (const [args, message] of refusals) {
      const run = await reconstruct(...args);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  it('refuses damaged models with one sentence', async () => {
    const damaged = (name: string, damage: (folder: string) => void): string => {
      cpSync(micro.inverter, at(name), { recursive: true });
      damage(at(name));
      return at(name);
    };
    const edit = (folder: string, change: (text: string) => string): void => {
      const file = path.join(folder, 'featinv.json');
      writeFileSync(file, change(readFileSync(file, 'utf8')));
    };
    const weights = path.join(micro.inverter, 'controlnet.safetensors');
    const into = (folder: string): string => path.join(folder, 'controlnet.safetensors');
    const refusals: [string, RegExp][] = [
      [
        at('nowhere'),
        /nowhere" is neither a shipped inverter .* nor a folder with a featinv\.json/,
      ],
      [
        damaged('cut-weights', (folder) => writeTruncated(weights, into(folder))),
        /controlnet\.safetensors/,
      ],
      [
        damaged('noise-weights', (folder) => writeFileSync(into(folder), Buffer.alloc(64, 0x7f))),
        /controlnet\.safetensors/,
      ],
      [damaged('no-json', (folder) => edit(folder, () => '{')), /featinv\.json must be valid JSON/],
      [
        damaged('no-layer', (folder) =>
          edit(folder, (text) => text.replace('Conv2d_13_pointwise', 'Conv2d_13_pointwize')),
        ),
        /has no layer "Conv2d_13_pointwize"; did you mean "Conv2d_13_pointwise"\?/,
      ],
      [
        damaged('wrong-map', (folder) => edit(folder, (text) => text.replace('256', '255'))),
        /has maps of shape \[256,7,7\], the inverter was trained on \[255,7,7\]/,
      ],
      [
        damaged('wrong-field', (folder) => edit(folder, (text) => text.replace('3', '"three"'))),
        /featinv\.json/,
      ],
    ];
    for (const [folder, message] of refusals) {
      const run = await featinv('reconstruct', picture('0.png'), '--model', folder);
      expect(run, folder).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});
