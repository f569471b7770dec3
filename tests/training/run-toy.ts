import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkpointName } from '../../src/training/checkpoint-files.js';
import type { ToyRunOptions } from './toy-run.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const LOADER = here('../support/typescript-loader.mjs');
const SCRIPT = here('toy-run.ts');

/** What a child process did before it ended. */
export interface ToyOutcome {
  readonly code: number | null;
  readonly stepsSeen: number;
  readonly lastLine: string;
  readonly errors: string;
}

/** Trains in a child process; `signal` is sent once it has reported `afterSteps` steps. */
export function runToy(
  directory: string,
  options: ToyRunOptions,
  stop?: { readonly signal: 'SIGKILL' | 'SIGTERM'; readonly afterSteps: number },
): Promise<ToyOutcome> {
  const child = spawn(
    process.execPath,
    ['--import', LOADER, SCRIPT, directory, JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  let stopped = false;
  let errors = '';
  const stepsSeen = (): number => output.split('step ').length - 1;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (stop && !stopped && stepsSeen() >= stop.afterSteps) stopped = child.kill(stop.signal);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const lastLine = output.trim().split('\n').at(-1) ?? '';
      resolve({ code, stepsSeen: stepsSeen(), lastLine, errors });
    });
  });
}

/** Everything that must not depend on interruptions: tensors, released weights, log without times. */
export async function readOutcome(
  directory: string,
  step: number,
): Promise<Record<string, string>> {
  const checkpoint = path.join(directory, 'checkpoints', checkpointName(step));
  const files = {
    weights: path.join(checkpoint, 'weights.safetensors'),
    moments: path.join(checkpoint, 'optimizer.safetensors'),
    average: path.join(checkpoint, 'ema.safetensors'),
    released: path.join(directory, 'model', 'toy.safetensors'),
  };
  const contents: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) {
    contents[name] = (await readFile(file)).toString('hex');
  }
  const log = await readFile(path.join(directory, 'log.jsonl'), 'utf8');
  return { ...contents, log: log.replace(/,"(imagesPerSecond|seconds|memoryMB)":[^,}]+/g, '') };
}
