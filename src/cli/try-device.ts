import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { WorkError } from '../errors.js';
import type { DeviceName } from './common-options.js';

const TIMEOUT_MS = 60_000;

/**
 * Tries a device with a small computation and says in a sentence why it does not work; undefined when it
 * does. In a process of its own: a GPU's driver may hang, or take the process down with it.
 */
export function findDeviceProblem(device: DeviceName): Promise<string | undefined> {
  const script = fileURLToPath(new URL('./probe-device.js', import.meta.url));
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, device], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`a trial computation on ${device} took more than ${TIMEOUT_MS / 1000} s; ${remedy}`);
    }, TIMEOUT_MS);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(undefined);
      // Drivers write to stderr as well; what the probe says comes last.
      const last = code === 1 ? errors.trim().split('\n').at(-1) : undefined;
      resolve(last ?? `a trial computation on ${device} ended with ${signal ?? code}; ${remedy}`);
    });
  });
}

/** Throws WorkError with a sentence unless the device computes. */
export async function requireDevice(device: DeviceName): Promise<void> {
  // The CPU is always there.
  if (device === 'cpu') return;
  const problem = await findDeviceProblem(device);
  if (problem !== undefined) throw new WorkError(problem);
}

const remedy = 'update its driver or use --device cpu';
