/** Ctrl-C and SIGTERM in the middle of each command that computes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { buildCli, collect } from './run-featinv.js';

let micro: MicroModels;
const at = (name: string): string => path.join(micro.directory, name);
const MAIN = path.join(packageRoot(), 'dist', 'cli', 'main.js');

/** More pictures than are looked at in a moment: equal ones, but for bytes behind their end. */
const PICTURES = 400;

beforeAll(async () => {
  buildCli();
  micro = await makeMicroModels();
  const picture = readFileSync(path.join(micro.photographs, '0.png'));
  mkdirSync(at('many'));
  for (let i = 0; i < PICTURES; i++) {
    writeFileSync(at(`many/${i}.png`), Buffer.concat([picture, Buffer.from(String(i))]));
  }
  const grid = {
    ...{ schemaVersion: 1, title: 'grid', question: 'Does it stop?', charts: [], batch: 2 },
    models: [micro.inverter],
    images: [{ name: 'three', path: micro.photographs }],
    sampling: { steps: [2, 999] },
  };
  writeFileSync(at('grid.json'), JSON.stringify(grid));
});

afterAll(() => micro.remove());

interface Case {
  /** `IN` stands for the folder of inputs, `OUT` for that of results. */
  readonly command: string;
  /** In OUT, when the work is in full swing. */
  readonly ready: RegExp;
  readonly told: RegExp;
}

const CASES: readonly Case[] = [
  {
    command: 'reconstruct IN/photographs --model INVERTER --steps 200 --samples 8 --out OUT',
    ready: /png$/,
    told: /interrupted: (1|2) of 3 inputs are done, in .*OUT; give the others to go on$/,
  },
  {
    command:
      'evaluate --images IN/photographs --model INVERTER --crops 500 --batch 2 --steps 50 --out OUT',
    ready: /records.*safetensors$/,
    told: /interrupted: what is measured so far is in .*OUT; the same command goes on$/,
  },
  {
    command: 'experiment IN/grid.json --out OUT',
    ready: /records.*safetensors$/,
    told: /interrupted: what is measured so far is in .*OUT; the same command goes on$/,
  },
  {
    command: 'features IN/many --cache OUT',
    ready: /set\.json$/,
    // Which one depends on whether a run of the classifier is over in time.
    told: /(stopped after \d+ of 400 pictures|maps so far are in .*OUT.*); the same command goes on/,
  },
  {
    command: 'concepts fit --images IN/many --model INVERTER --out OUT',
    ready: /^$/,
    told: /interrupted: concepts are written in the end, none yet; give the command again$/,
  },
  {
    command: 'corrupt photos --out OUT',
    ready: /png$/,
    told: /interrupted: (nothing of 8 inputs is done yet; give the command again|\d of 8 inputs are done)/,
  },
  {
    command: 'attack IN/photographs --model INVERTER --attack-steps 10000 --out OUT',
    ready: /^$/,
    told: /interrupted(: nothing of 3 inputs is done yet; give the command again)?$/,
  },
  {
    command: 'demo --out OUT',
    ready: /^$/,
    told: /interrupted: the page is written in the end, nothing of it yet; give the command again$/,
  },
];

describe('an interruption', () => {
  it.each(CASES.map((each, i) => ({ ...each, i })))(
    'ends `$command` within a second',
    async ({ command, ready, told, i }) => {
      const out = at(`OUT${i}`);
      const args = command
        .replace('INVERTER', micro.inverter)
        .replace('IN/photographs', micro.photographs)
        .replace('OUT', out)
        .replace('IN/', `${micro.directory}/`)
        .split(' ');
      const child = spawn(process.execPath, [MAIN, ...args], { cwd: packageRoot() });
      const result = collect(child);
      const isReady = (): boolean =>
        existsSync(out) &&
        ['', ...(readdirSync(out, { recursive: true }) as string[])].some((name) =>
          ready.test(name),
        );
      while (!isReady()) {
        expect(child.exitCode, 'ended before it was ready').toBeNull();
        await sleep(20);
      }
      await sleep(200);
      const started = performance.now();
      child.kill(i % 2 === 0 ? 'SIGINT' : 'SIGTERM');
      const { code, stdout, stderr } = await result;
      expect(performance.now() - started).toBeLessThan(1000);
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expect(stderr.trim().replaceAll(out, `/OUT`)).toMatch(told);
      const left = readdirSync(out, { recursive: true }) as string[];
      expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );

  it('leaves an evaluation that the same command goes on with', async () => {
    const args = [
      'evaluate',
      '--images',
      micro.photographs,
      '--model',
      micro.inverter,
      '--batch',
      '1',
      '--threads',
      '1',
    ];
    const whole = await collect(
      spawn(process.execPath, [MAIN, ...args, '--steps', '20', '--json']),
    );
    const child = spawn(process.execPath, [MAIN, ...args, '--steps', '20', '--out', at('resumed')]);
    const result = collect(child);
    while (!existsSync(at('resumed/records/00000.safetensors'))) await sleep(5);
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    const again = await collect(
      spawn(process.execPath, [MAIN, ...args, '--steps', '20', '--out', at('resumed'), '--json']),
    );
    const numbers = ({ stdout }: { stdout: string }): unknown => ({
      ...(JSON.parse(stdout) as object),
      ...{ seconds: 0, secondsPerImage: 0 },
    });
    expect(numbers(again)).toEqual(numbers(whole));
  });
});

describe('a process that computes and hears nothing', () => {
  const start = (...args: string[]) => {
    const script = path.join(packageRoot(), 'tests', 'cli', 'fixtures', 'block.mjs');
    const child = spawn(process.execPath, [script, ...args]);
    return { child, result: collect(child) };
  };

  it('is ended within a second, its temporary folder goes, and what is kept is told', async () => {
    mkdirSync(at('temporary/deep'), { recursive: true });
    const { child, result } = start(at('temporary'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const started = performance.now();
    child.kill('SIGTERM');
    const { code, stderr } = await result;
    expect(performance.now() - started).toBeLessThan(1000);
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: 'featinv: interrupted: half of it is there\n',
    });
    expect(existsSync(at('temporary'))).toBe(false);
  });

  it('goes on to its end where that is worth it, unless the signal comes twice', async () => {
    const { child, result } = start(at('none'), 'patient');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGINT');
    expect(await result).toMatchObject({
      code: 130,
      stderr:
        'featinv: stopping after the current step; interrupt once more to end at once: half of it is there\n' +
        'featinv: interrupted: half of it is there\n',
    });
  });

  it('is told to have died where the system has ended it', async () => {
    const { child, result } = start(at('none'));
    const pid = await new Promise<number>((resolve) =>
      child.stdout.once('data', (text) => resolve(Number(text))),
    );
    process.kill(pid, 'SIGKILL');
    expect(await result).toMatchObject({
      code: 1,
      stderr:
        'featinv: the process that computes was ended by SIGKILL, as systems do when memory runs out: half of it is there\n',
    });
  });
});
