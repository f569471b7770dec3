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

/** The same for a process and those that it has started, the largest of them. */
export function peakMemoryWithChildrenMB(pid: number): number | undefined {
  const own = peakMemoryMB(pid);
  if (own === undefined) return undefined;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const each = children.split(' ').filter((child) => child !== '');
  return Math.max(own, ...each.map((child) => peakMemoryWithChildrenMB(Number(child)) ?? 0));
}
