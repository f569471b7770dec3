/** Processes of the compiled command line for tests of the queue. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { collect, type CliResult } from '../cli/run-featinv.js';

export interface Started {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
}

/** A worker, and what it has logged so far. */
export interface StartedWorker extends Started {
  readonly log: Readonly<Record<string, unknown>>[];
  /** How many lines of its log tell this. */
  saw(event: string): number;
}

export class Processes {
  private readonly running = new Set<ChildProcess>();

  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  start(...args: string[]): Started {
    return this.startIn([], ...args);
  }

  /** Behind another command, such as one that enters a network namespace. */
  startIn(wrapper: readonly string[], ...args: string[]): Started {
    const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
    const [command, ...rest] = [...wrapper, process.execPath, main, ...args];
    const child = spawn(command!, rest, {
      // The leader of a group, as a terminal's or a service's first process is.
      detached: true,
      env: { ...process.env, NODE_ENV: '', ...this.environment },
    });
    this.running.add(child);
    const result = collect(child);
    void result.then(() => this.running.delete(child));
    return { child, result };
  }

  worker(...args: string[]): StartedWorker {
    return this.workerIn([], ...args);
  }

  workerIn(wrapper: readonly string[], ...args: string[]): StartedWorker {
    const log: Record<string, unknown>[] = [];
    const { child, result } = this.startIn(
      wrapper,
      ...['worker', '--threads', '1', '--json', ...args],
    );
    let rest = '';
    child.stderr!.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith('{')) log.push(JSON.parse(line) as never);
    });
    const saw = (event: string): number => log.filter((line) => line['event'] === event).length;
    return { child, result, log, saw };
  }

  killAll(): void {
    for (const child of this.running) child.kill('SIGKILL');
    this.running.clear();
  }
}

/** Numbers of the processes that a process has started. */
export function childrenOf({ pid }: ChildProcess): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** The numbers of an evaluation, without what depends on the clock and on who measured. */
export function totals({ code, stdout, stderr }: CliResult): unknown {
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const { seconds, secondsPerImage, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  if (typeof seconds !== 'number' || typeof secondsPerImage !== 'number') {
    throw new Error(`no times in ${stdout}`);
  }
  return rest;
}
