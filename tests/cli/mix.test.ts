import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
let pictures: string[];

beforeAll(async () => {
  micro = await makeMicroModels();
  pictures = ['0.png', '1.png'].map((name) => path.join(micro.photographs, name));
});

afterAll(() => micro.remove());

const run = (command: string, ...args: string[]) =>
  featinv(command, ...pictures, '--model', micro.inverter, '--threads', '1', ...args);

interface Report {
  readonly frames: readonly {
    readonly alpha: number;
    readonly predicted: readonly unknown[];
    readonly classes: readonly unknown[];
    readonly samples: readonly { output: string; cosine: { parents: number[] } }[];
  }[];
  readonly strip: string;
  readonly page: string;
}

describe('featinv mix', () => {
  it('writes the pictures, a strip and a page that needs nothing else', async () => {
    const out = path.join(micro.directory, 'mix');
    const result = await run('mix', '--alpha', '0:1:0.5', '--samples', '2', '--out', out, '--json');
    expect(result.code, result.stderr).toBe(0);
    const report = JSON.parse(result.stdout) as Report;
    expect(report.frames.map(({ alpha }) => alpha)).toEqual([0, 0.5, 1]);
    for (const { samples, predicted, classes } of report.frames) {
      expect(predicted).toHaveLength(5);
      expect(classes.length).toBeGreaterThan(0);
      expect(samples).toHaveLength(2);
      for (const { output, cosine } of samples) {
        expect(existsSync(output)).toBe(true);
        expect(cosine.parents).toHaveLength(2);
      }
    }
    const { width, height } = await sharp(report.strip).metadata();
    expect([width, height]).toEqual([3 * 64, 2 * 64]);
    const page = readFileSync(report.page, 'utf8');
    expect(page.match(/<img /g)).toHaveLength(2 + 3 * 2);
    expect(page).not.toMatch(/<(script|link|iframe)\b|https?:/i);
    expect(readdirSync(out)).toHaveLength(3 * 2 + 2);
  });

  it.each([
    [['--op', 'paste'], 'paste needs a region'],
    [['--op', 'blend'], '--op must be one of lerp, slerp'],
    [['--alpha', '0:1'], '--alpha must be START:END:STEP'],
    [['--region', '0,0,2,2'], '--region must be x,y,w,h'],
    [['--op', 'arithmetic'], 'arithmetic takes three pictures, got 2'],
  ])('refuses %j', async (args, sentence) => {
    const result = await run('mix', ...args);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(sentence);
  });
});

describe('featinv interpolate', () => {
  it('writes an animation that goes there and back', async () => {
    const out = path.join(micro.directory, 'way.gif');
    const result = await run('interpolate', '--frames', '2', '--side', '64', '--out', out);
    expect(result.code, result.stderr).toBe(0);
    expect((await sharp(out, { animated: true }).metadata()).pages).toBe(4);
  });

  it('refuses what it cannot write before it begins to draw', async () => {
    const missing = path.join(micro.directory, 'file.txt', 'way.gif');
    writeFileSync(path.join(micro.directory, 'file.txt'), 'a file');
    const nowhere = await run('interpolate', '--out', missing);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('--out');
    const long = await run('interpolate', '--frames', '500', '--side', '2048');
    expect(long.code).toBe(2);
    expect(long.stderr).toContain('an animation of 2048 pixels holds at most 63 frames');
  });

  it('refuses another ending before it begins to draw', async () => {
    const result = await run('interpolate', '--out', path.join(micro.directory, 'way.mp4'));
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('an animation is written as .gif or .webp');
  });
});
