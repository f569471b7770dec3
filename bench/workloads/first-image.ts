/** From the start of `featinv reconstruct` to its end, with one picture reconstructed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WorkError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { peakMemoryWithChildrenMB } from '../peak-memory.js';
import type { WorkSpec } from '../protocol.js';
import { timed, type Workload } from './workload.js';

export interface FirstImageSpec extends WorkSpec {
  readonly kind: 'first image';
}

/** Between looks at the memory of the process. */
const LOOK_MS = 20;

export async function openFirstImage(_: FirstImageSpec, threads: number): Promise<Workload> {
  const out = mkdtempSync(path.join(os.tmpdir(), 'featinv-bench-'));
  const command = path.join(packageRoot(), 'dist', 'cli', 'main.js');
  const photograph = path.join(packageRoot(), 'photos', 'cat.jpg');
  const args = [command, 'reconstruct', photograph, '--out', out, '--threads', String(threads)];
  let peak: number | undefined;
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { stdio: 'ignore' });
      const look = setInterval(() => {
        peak = Math.max(peak ?? 0, peakMemoryWithChildrenMB(child.pid!) ?? 0);
      }, LOOK_MS);
      child.on('error', reject).on('close', (code) => {
        clearInterval(look);
        if (code === 0) resolve();
        else reject(new WorkError(`featinv reconstruct ended with exit code ${code}`));
      });
    });
  return {
    run: timed(once),
    peakRssMB: () => peak,
    dispose: async () => rmSync(out, { recursive: true }),
  };
}
