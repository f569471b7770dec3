import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const attack = (...args: string[]) =>
  featinv('attack', '--model', micro.inverter, '--threads', '1', ...args);

describe('featinv attack', () => {
  it('writes the attacked picture, both reconstructions and a page, the same each time', async () => {
    const picture = path.join(micro.photographs, '0.png');
    const run = async (name: string): Promise<string> => {
      const out = path.join(micro.directory, name);
      const result = await attack(picture, '--attack-steps', '3', '--out', out, '--json');
      expect(result.code, result.stderr).toBe(0);
      const report = JSON.parse(result.stdout) as { images: number; results: { output: string }[] };
      expect(report.images).toBe(1);
      expect(report.results[0]!.output).toBe(path.join(out, '0.attacked.png'));
      return out;
    };
    const [first, second] = [await run('first'), await run('second')];
    const files = ['0.attacked.png', '0.attacked.seen.png', '0.original.seen.png', 'attack.html'];
    expect(readdirSync(first).sort()).toEqual(files);
    for (const name of files.slice(0, 3)) {
      expect(readFileSync(path.join(first, name))).toEqual(readFileSync(path.join(second, name)));
    }
  });

  it.each([
    [['--epsilon', 'much'], '--epsilon must be a number or a fraction such as 8/255'],
    [['--target', 'no such thing'], 'no class is called "no such thing"'],
    [['--norm', 'l1'], '--norm must be one of linf, l2'],
    [['--attack-steps', '0'], '--attack-steps must be an integer'],
  ])('refuses %j', async (args, sentence) => {
    const run = await attack(path.join(micro.photographs, '0.png'), ...args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(sentence);
  });
});
