import { expect, it } from 'vitest';
import { timesByOp } from '../../bench/profile.js';

const kernel = (op_name: string, dur: number) => ({
  cat: 'Node',
  name: `node_${op_name}_kernel_time`,
  dur,
  args: { op_name },
});

it('adds up kernels by op, the longest first', () => {
  const events = [
    kernel('Add', 500),
    kernel('Conv', 2000),
    kernel('Conv', 3000),
    { cat: 'Session', name: 'model_run', dur: 9000 },
    { ...kernel('Conv', 7000), name: 'node_Conv_fence_before' },
  ];
  expect(timesByOp(events)).toEqual([
    { op: 'Conv', milliseconds: 5, calls: 2 },
    { op: 'Add', milliseconds: 0.5, calls: 1 },
  ]);
});
