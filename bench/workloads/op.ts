/** Single operations, those that networks spend their time in. */
import { countFlops } from '../../src/graph/flops.js';
import {
  gelu,
  gradients,
  input,
  matmul,
  mul,
  quantise,
  sizeOf,
  sum,
  type Shape,
  type Tensor,
} from '../../src/graph/index.js';
import {
  attention,
  conv2d,
  frozenParameters,
  groupNorm,
  layerNorm,
  trainableParameters,
  uniformFanIn,
  type Parameters,
  type TrainableParameters,
} from '../../src/nn/index.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';
import { parameterFeeds } from '../../src/training/gradient-step.js';
import type { WorkSpec } from '../protocol.js';
import { timed, type Workload } from './workload.js';

export interface OpSpec extends WorkSpec {
  readonly kind: 'op';
  readonly op: 'matmul' | 'conv3x3' | 'attention' | 'group norm' | 'layer norm' | 'gelu';
  /** Of the input; the output has the same one. */
  readonly shape: Shape;
  /** `frozen`: forward, with a weight that never changes; `int8`: in 8 bits. `gradients`: of input and parameters, with forward. */
  readonly pass: 'frozen' | 'int8' | 'forward' | 'input gradient' | 'weight gradient' | 'gradients';
  /** Applied so often in a row, so that reading the result weighs little. */
  readonly repeats: number;
}

export async function openOp(spec: OpSpec, threads: number): Promise<Workload> {
  const parameters = trainableParameters(new Map(), 1);
  const outputs = traceOp(spec, parameters);
  const session = await Session.compile(outputs, { threads });
  const random = new Random('operands');
  const known: Record<string, Float32Array> = parameterFeeds(parameters);
  const feeds = Object.fromEntries(
    [...session.inputs].map(([name, { shape }]) => [
      name,
      known[name] ?? random.fillNormal(new Float32Array(sizeOf(shape))),
    ]),
  );
  return {
    run: timed(() => session.run(feeds)),
    flops: countFlops(Object.values(outputs)) || undefined,
    dispose: () => session.dispose(),
  };
}

function traceOp(spec: OpSpec, parameters: TrainableParameters): Record<string, Tensor> {
  const { pass } = spec;
  const x = input('x', spec.shape);
  const y = chain(spec, parameters, x);
  if (pass === 'forward') return { y };
  if (pass === 'frozen' || pass === 'int8') {
    const frozen = chain(spec, frozenParameters(parameters.values, 'the bench'), x);
    return { y: pass === 'int8' ? quantise(frozen, 'x') : frozen };
  }
  // The output's gradient is fed: that of a plain sum would be a constant, and be folded.
  const loss = sum(mul(y, input('dy', y.shape)));
  const weights = [...parameters.inputs.values()];
  const wanted = {
    'input gradient': [x],
    'weight gradient': weights,
    gradients: [x, ...weights],
  }[pass];
  const results = gradients(loss, wanted);
  return Object.fromEntries(results.map((result, i) => [`gradient ${i}`, result]));
}

function chain({ op, repeats }: OpSpec, p: Parameters, x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < repeats; i++) y = apply(op, p.scope(`${i}`), y);
  return y;
}

const GROUPS = 32;
const HEADS = 8;

function apply(op: OpSpec['op'], p: Parameters, x: Tensor): Tensor {
  switch (op) {
    case 'matmul': {
      const width = x.dim(-1);
      return matmul(x, p.tensor('weight', [width, width], uniformFanIn(width)));
    }
    case 'conv3x3':
      return conv2d(p, x, x.dim(1), 3, { padding: 1, bias: false });
    case 'attention':
      return attention(p, x, x, HEADS);
    case 'group norm':
      return groupNorm(p, x, GROUPS, 1e-5);
    case 'layer norm':
      return layerNorm(p, x, 1e-5);
    case 'gelu':
      return gelu(x);
  }
}
