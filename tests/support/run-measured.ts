import path from 'node:path';
import { readFile, rm } from 'node:fs/promises';
import { runFeatinv, type CliResult } from '../cli/run-featinv.js';

const HOOK = new URL('report-peak.mjs', import.meta.url);

/** A command in a process of its own, with the most memory that it held (resident bytes) and its seconds. */
export async function runMeasured(
  folder: string,
  args: readonly string[],
): Promise<CliResult & { peakBytes: number; seconds: number }> {
  const report = path.join(folder, 'peak');
  const env = {
    ...process.env,
    // What is remembered between commands, such as hashes, stays in the folder.
    FEATINV_HOME: path.join(folder, 'home'),
    FEATINV_TEST_PEAK: report,
    NODE_OPTIONS: `--import ${HOOK.href}`,
  };
  const started = performance.now();
  const result = await runFeatinv(args, { env });
  const seconds = (performance.now() - started) / 1000;
  const peakBytes = Number(await readFile(report, 'utf8'));
  await rm(report);
  return { ...result, peakBytes, seconds };
}
