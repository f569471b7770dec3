/** One of our processes: opens one workload and answers the bench until it is told to end. */
import { PerformanceObserver } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { errorMessage } from '../src/errors.js';
import { COMPILATION } from '../src/runtime/session.js';
import { peakMemoryMB } from './peak-memory.js';
import { profileSessions } from './profile.js';
import type { Request } from './protocol.js';
import { openWorkload } from './workloads/index.js';
import type { Workload } from './workloads/workload.js';

const printProfile = process.argv.includes('--profile') ? profileSessions() : undefined;

let workload: Workload | undefined;

let compiling = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntriesByName(COMPILATION)) compiling += duration;
}).observe({ entryTypes: ['measure'] });

async function answer(request: Request): Promise<object> {
  if ('open' in request) {
    workload = await openWorkload(request.open, request.threads);
    await workload.run(1);
    // Observers are told in a later turn.
    await setImmediate();
    return { flops: workload.flops ?? null, compiling, layout: 'contiguous', versions: {} };
  }
  if ('run' in request) {
    if (request.settle > 0) await workload!.run(request.settle);
    return { milliseconds: await workload!.run(request.run) };
  }
  const peakRssMB =
    workload?.peakRssMB?.() ?? peakMemoryMB('self') ?? process.resourceUsage().maxRSS / 1e3;
  printProfile?.();
  await workload?.dispose();
  return { peakRssMB };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const reply = await answer(request).catch((error: unknown) => ({ error: errorMessage(error) }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  if ('end' in request) break;
}
