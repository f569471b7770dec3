/**
 * Compares every row of the op table between the CPU and WebGPU, with `ops-run.ts gradients` their gradients
 * as well; prints how far they are apart.
 */
import { gradients, type Tensor } from '../../src/graph/index.js';
import { ops } from '../../src/graph/ops/index.js';
import { Session } from '../../src/runtime/session.js';
import { drawOperands, operands, weighted, type OperandValues } from '../graph/check-op.js';
import { allRows } from '../graph/rows/index.js';
import { cpuOnly } from './cpu-only.js';

/** One op on the device. */
export interface OpOnWebgpu {
  readonly op: string;
  /** Largest difference of each value and gradient, as a share of its largest magnitude. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the runtime warned of: kernels that are missing. */
  readonly warnings: readonly string[];
}

const withGradients = process.argv[2] === 'gradients';
let warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

const results: OpOnWebgpu[] = [];
for (const [op, { gradient }] of ops) {
  if (cpuOnly.has(op)) continue;
  const outputs: Record<string, Tensor> = {};
  const values: OperandValues = {};
  for (const row of allRows.filter((each) => each.op === op)) {
    const prefix = `${row.op} ${row.name} `;
    const inputs = operands(row.shapes, prefix);
    const y = row.build(...inputs);
    Object.assign(values, drawOperands(row.shapes, row.domain ?? 'normal', prefix));
    outputs[`${row.name} y`] = y;
    if (!withGradients || gradient === 'not differentiable') continue;
    gradients(weighted(y), inputs).forEach((d, i) => (outputs[`${row.name} d${i}`] = d));
  }
  warnings = [];
  const [cpu, webgpu] = [await compute('cpu'), await compute('webgpu')];
  const errors = Object.keys(outputs).map((name) => [name, distance(webgpu[name]!, cpu[name]!)]);
  results.push({ op, errors: Object.fromEntries(errors) as Record<string, number>, warnings });

  async function compute(device: 'cpu' | 'webgpu'): Promise<Record<string, Float32Array>> {
    const session = await Session.compile(outputs, { device, threads: 1 });
    const computed = await session.run(values);
    await session.dispose();
    return computed;
  }
}
process.stdout.write(JSON.stringify(results));

function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const scale = Array.from(expected).reduce((top, value) => Math.max(top, Math.abs(value)), 1e-3);
  return Array.from(expected).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(actual[i]! - value) / scale),
    0,
  );
}
