/** Two hundred runs whose state stays on the device; prints what they cost in memory, and the result. */
import { add, input, mul } from '../../src/graph/index.js';
import { disposeAll } from '../../src/runtime/device-tensor.js';
import { Session } from '../../src/runtime/session.js';
import { Transfer } from '../../src/runtime/transfer.js';

export interface DeviceMemory {
  /** Megabytes that the process grew by over the last 200 runs; each leaves `stateMB` behind. */
  readonly growthMB: number;
  readonly stateMB: number;
  readonly value: number;
  /** What feeding a freed tensor says. */
  readonly afterDispose: string;
}

const WARM_UP = 20;
const RUNS = 200;
const SHAPE = [512, 512];

const x = input('x', SHAPE);
const step = await Session.compile(
  { next: add(mul(x, 0.5), 1) },
  { device: 'webgpu', keep: ['next'] },
);
const transfer = await Transfer.compile(new Map([['x', x]]), { device: 'webgpu' });
let state = await transfer.upload({ x: new Float32Array(SHAPE[0]! * SHAPE[1]!) });
let before = 0;
for (let i = 0; i < WARM_UP + RUNS; i++) {
  if (i === WARM_UP) before = process.memoryUsage.rss();
  const { kept } = await step.runKeeping({ x: state.get('x')! });
  disposeAll(state);
  state = new Map([['x', kept.get('next')!]]);
}
const growthMB = (process.memoryUsage.rss() - before) / 1e6;
const value = (await transfer.download(state)).get('x')!.at(-1)!;
disposeAll(state);
const afterDispose = await step.runKeeping({ x: state.get('x')! }).then(
  () => 'it ran',
  (error: Error) => error.message,
);
await step.dispose();
await transfer.dispose();
const stateMB = (SHAPE[0]! * SHAPE[1]! * 4) / 1e6;
process.stdout.write(JSON.stringify({ growthMB, stateMB, value, afterDispose }));
