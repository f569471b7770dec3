/** `npm run bench [-- --json] [--quick] [--threads N]`: measures this machine; see docs/performance.md. */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { benchInference } from './inference.js';
import type { BenchOptions, Measurement } from './measurement.js';
import { benchOps } from './ops.js';
import { benchTraining } from './training.js';

/** A new group of measurements is a file and a line here. */
const GROUPS = [benchOps, benchTraining, benchInference];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});
const options: BenchOptions = {
  quick: values.quick,
  threads: values.threads === undefined ? undefined : Number(values.threads),
};

const results: Measurement[] = [];
for (const group of GROUPS) {
  for (const result of await group(options)) results.push(result);
  process.stderr.write(`${results.length} measurements done\n`);
}
const machine = {
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  threads: options.threads ?? os.availableParallelism(),
  node: process.versions.node,
};
process.stdout.write(
  values.json ? `${JSON.stringify({ machine, results }, null, 2)}\n` : `${table(results)}\n`,
);

/** Rates beside the machine's own, which is the first measurement. */
function table(rows: readonly Measurement[]): string {
  const own = rows[0]?.gflopPerSecond ?? 1;
  const lines = rows.map((row) => {
    const { median, min, max } = row.milliseconds;
    const rate = row.gflopPerSecond;
    return [
      row.name,
      `${median.toFixed(1)} [${min.toFixed(1)}, ${max.toFixed(1)}]`,
      rate === undefined ? '' : rate.toFixed(0),
      rate === undefined ? '' : `${((100 * rate) / own).toFixed(0)} %`,
      row.imagesPerSecond === undefined ? '' : row.imagesPerSecond.toFixed(1),
      String(row.rssMB),
    ];
  });
  const cells = [
    ['', 'ms, median [min, max]', 'GFLOP/s', 'of matmul', 'images/s', 'RSS MB'],
    ...lines,
  ];
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
