/**
 * Every command of an inverter, on Stable Diffusion v1 and ConvNeXt-B at full size with two
 * sampling steps. Needs 8 GB of memory and of disk; prints each command's seconds and memory.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildCli } from '../cli/run-featinv.js';
import { inverterCommands, type CommandPlace } from '../support/inverter-commands.js';
import { runMeasured } from '../support/run-measured.js';
import { writeFullSizeFiles, type FullSizeFiles } from './full-size-files.js';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const MOST_BYTES = 8e9;
let weights: FullSizeFiles;
let place: CommandPlace;

async function run(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr, peakBytes, seconds } = await runMeasured(weights.folder, args);
  expect(code, stderr).toBe(0);
  console.log(`${args.join(' ')}\n  ${seconds.toFixed(0)} s, ${(peakBytes / 1e9).toFixed(2)} GB`);
  expect(peakBytes).toBeLessThan(MOST_BYTES);
  return stdout;
}

beforeAll(async () => {
  buildCli();
  weights = await writeFullSizeFiles();
  const { base, backbone, folder, pictures } = weights;
  const model = path.join(folder, 'inverter');
  // The checkpoint holds a ControlNet as well.
  const from = ['--base', base, '--backbone', backbone, '--control-net', base];
  await run(['init', ...from, '--out', model]);
  place = { model, modelName: 'inverter', backbone, size: 256, pictures, out: folder };
});

afterAll(() => weights.remove());

describe('an inverter at full size', () => {
  it.each(Object.keys(inverterCommands))('is read by %s', async (name) => {
    const { args, files = [] } = inverterCommands[name]!(place);
    expect(await run(args)).not.toBe('');
    for (const file of files) expect(existsSync(file), file).toBe(true);
  });
});
