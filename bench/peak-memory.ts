import { readFileSync } from 'node:fs';

/**
 * Peak resident memory of a process in MB, `VmHWM` of Linux. Undefined elsewhere, and for a process that has
 * ended. What getrusage tells on Linux also counts what the parent held when it forked.
 */
export function peakMemoryMB(pid: number | 'self'): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kB] = /VmHWM:\s*(\d+) kB/.exec(status) ?? [];
    return kB === undefined ? undefined : (Number(kB) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}
