import { writeSafetensors } from '../../src/checkpoints/safetensors.js';
import {
  downsample,
  resnetBlock,
  spatialTransformer,
  timeEmbedding,
  upsample,
} from '../../src/diffusion/blocks.js';
import { input, mean, mul, sub } from '../../src/graph/index.js';
import { conv2d, trainableParameters } from '../../src/nn/index.js';
import { GradientStep, stepOfTask } from '../../src/training/gradient-step.js';
import type { TrainingTask } from '../../src/training/task.js';
import type { SessionOptions } from '../../src/runtime/session.js';

const SHAPE = [2, 2, 4, 4];
const CONTEXT = [2, 2, 4];

/** Every kind of block of a denoiser once, learning to give its input back. */
export async function openSmallTask(session: SessionOptions): Promise<TrainingTask> {
  const p = trainableParameters(new Map(), 5);
  const x = input('x', SHAPE);
  const norm = { groups: 2, epsilon: 1e-5 };
  const time = timeEmbedding(p.scope('time'), input('timesteps', [2]), 4);
  let h = conv2d(p.scope('in'), x, 4, 3, { padding: 1 });
  h = downsample(p.scope('down'), h, 'symmetric');
  h = resnetBlock(p.scope('block'), h, 8, norm, time);
  h = spatialTransformer(p.scope('attention'), h, input('context', CONTEXT), 2, 2);
  h = conv2d(p.scope('out'), upsample(p.scope('up'), h), 2, 1);
  const error = sub(h, x);
  const loss = mean(mul(error, error));
  const step = GradientStep.trace(loss, p, {}, session);
  return {
    parameters: p.values,
    ...stepOfTask(step, (random) => ({
      x: random.fillNormal(new Float32Array(64)),
      context: random.fillNormal(new Float32Array(16)),
      timesteps: Float32Array.of(random.int(1000), random.int(1000)),
    })),
    validate: () => Promise.resolve({ metrics: {}, grids: {} }),
    save: (values, directory) => writeSafetensors(`${directory}/small.safetensors`, values),
  };
}
