/** `node scripts/rounds.mjs`: what training in rounds gains and costs. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage, InputError } from '../../src/errors.js';
import { describePlan } from './describe-plan.js';
import { measureQuality } from './quality.js';
import { countStepFlops } from './step-flops.js';

const USAGE = `node scripts/rounds.mjs quality VARIANT --out DIR [--threads N]
    trains bench/rounds/transfer.json as VARIANT says: single, single-300, rounds, rounds-fp16, and single-more
    or rounds-more, which begin with single's model in DIR. Ctrl-C stops; the same
    command goes on
node scripts/rounds.mjs plan
    the model's hours and money for the paper's 480,000 steps
node scripts/rounds.mjs flops CHECKPOINT BACKBONE=WEIGHTS
    operations of a training step at the scale of Stable Diffusion
`;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

async function run(): Promise<string> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, threads: { type: 'string', default: '1' } },
  });
  const [command, first, second] = positionals;
  if (command === 'plan') return describePlan();
  if (command === 'flops' && second !== undefined) {
    return `${((await countStepFlops(first!, second)) / 1e9).toFixed(0)} GFLOP for each picture`;
  }
  if (command === 'quality' && first !== undefined && values.out !== undefined) {
    const session = { threads: Number(values.threads) };
    const row = await measureQuality(first, path.join(values.out, first), session, stop.signal);
    return row ? `\n${JSON.stringify(row)}` : '\nstopped; the same command goes on';
  }
  throw new InputError(USAGE);
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
