import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

import { packageRoot } from '../../src/package-root.js';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiles src/ if it has changed. `npm test` has done so already: then this takes no time. */
export function buildCli(): void {
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: packageRoot(),
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(`the build failed:\n${build.stderr}`);
}

/** Runs the compiled command line in a process of its own, without a terminal. */
export function runFeatinv(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
  return collect(spawn(process.execPath, [main, ...args], options));
}

/** Output and exit code of a process. */
export function collect(child: ChildProcess): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
