/** Runs a row in a process of its own that prints where ONNX Runtime spends the time. */
import { WorkProcess, type Command } from './work-process.js';
import type { Work } from './work.js';

/** Runs that are profiled, after the one that opening takes. */
const RUNS = 3;

export async function profileWork(
  { name, spec }: Work,
  threads: number,
  ours: Command,
): Promise<void> {
  process.stderr.write(`${name}\n`);
  const request = { open: spec, threads, precision: 'fp32', layout: 'contiguous' } as const;
  const { process: worker } = await WorkProcess.open(name, [...ours, '--profile'], request);
  await worker.run(RUNS, 0);
  await worker.end();
}
