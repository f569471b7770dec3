/** The Python that the peer runs in: a virtual environment under bench/, made when first asked for. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WorkError } from '../src/errors.js';
import { packageRoot } from '../src/package-root.js';
import type { Command } from './work-process.js';

/** The peer's program, once its packages are those of bench/peer/requirements.txt. */
export function peerCommand(): Command {
  const bench = path.join(packageRoot(), 'bench');
  const environment = path.join(bench, '.venv');
  const requirements = path.join(bench, 'peer', 'requirements.txt');
  const python =
    process.platform === 'win32'
      ? path.join(environment, 'Scripts', 'python.exe')
      : path.join(environment, 'bin', 'python');
  const installed = path.join(environment, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
    process.stderr.write(`Installing PyTorch, diffusers and timm into ${environment} …\n`);
    const system = process.platform === 'win32' ? 'python' : 'python3';
    call(system, ['-m', 'venv', environment]);
    call(python, ['-m', 'pip', 'install', '--quiet', '--no-compile', '-r', requirements]);
    writeFileSync(installed, wanted);
  }
  return [python, path.join(bench, 'peer', 'serve.py')];
}

function call(program: string, args: readonly string[]): void {
  const { error, status } = spawnSync(program, args, { stdio: ['ignore', 2, 2] });
  if (error) throw new WorkError(`cannot start ${program}, which --peer needs: ${error.message}`);
  if (status !== 0) {
    throw new WorkError(`${program} ${args.join(' ')} ended with exit code ${status}: see above`);
  }
}
