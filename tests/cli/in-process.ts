import { vi } from 'vitest';

import { runCli } from '../../src/cli/program.js';
import type { CliResult } from './run-featinv.js';

/** Runs a command line in this process: no build and no start of Node for each call. */
export async function featinv(...args: string[]): Promise<CliResult> {
  const output = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      output[stream] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await runCli(args), ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
