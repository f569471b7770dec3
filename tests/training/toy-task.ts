import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { writeSafetensors } from '../../src/checkpoints/safetensors.js';
import type { Random } from '../../src/random.js';
import type { TrainingTask } from '../../src/training/task.js';

const INPUTS = 4;
const OUTPUTS = 3;
const BATCH = 8;
/** Of the sample grid, in pixels. */
const SIDE = 16;

export interface ToyOptions {
  /** Pause in each micro-batch, so that there is something to interrupt. */
  readonly delayMs?: number;
  /** The micro-batch, counted from 1, whose loss or gradient becomes NaN. */
  readonly breaks?: { readonly at: number; readonly what: 'loss' | 'gradient' };
}

/** Least squares y = W x + b on noisy random data, with gradients by hand. */
export function openToyTask({ delayMs = 0, breaks }: ToyOptions = {}): TrainingTask {
  const weight = new Float32Array(OUTPUTS * INPUTS);
  const bias = new Float32Array(OUTPUTS);
  let calls = 0;
  return {
    parameters: new Map([
      ['weight', { shape: [OUTPUTS, INPUTS], data: weight }],
      ['bias', { shape: [OUTPUTS], data: bias }],
    ]),
    async gradients(rng) {
      if (delayMs > 0) await setTimeout(delayMs);
      calls += 1;
      const { loss, weightGradient, biasGradient } = fit(weight, bias, rng);
      const broken = breaks?.at === calls ? breaks.what : undefined;
      if (broken === 'gradient') biasGradient[1] = NaN;
      return {
        loss: broken === 'loss' ? NaN : loss,
        gradients: new Map([
          ['weight', weightGradient],
          ['bias', biasGradient],
        ]),
        metrics: { rootLoss: Math.sqrt(loss) },
      };
    },
    async validate(parameters) {
      const { data } = parameters.get('weight')!;
      const error = data.reduce((sum, value, i) => sum + (value - trueWeight(i)) ** 2, 0);
      const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
        return 128 + 40 * data[i % data.length]!;
      });
      return {
        metrics: { weightError: error },
        grids: { weights: { width: SIDE, height: SIDE, data: pixels } },
      };
    },
    save: (parameters: NamedTensors, directory: string) =>
      writeSafetensors(path.join(directory, 'toy.safetensors'), parameters),
  };
}

const trueWeight = (i: number): number => Math.sin(i);

/** Mean squared error over a batch drawn from `rng`, and its gradients. */
function fit(weight: Float32Array, bias: Float32Array, rng: Random) {
  const weightGradient = new Float32Array(weight.length);
  const biasGradient = new Float32Array(bias.length);
  let loss = 0;
  for (let n = 0; n < BATCH; n++) {
    const x = rng.fillNormal(new Float32Array(INPUTS));
    for (let o = 0; o < OUTPUTS; o++) {
      let error = bias[o]! - 0.5 - 0.1 * rng.normal();
      for (let i = 0; i < INPUTS; i++) {
        error += (weight[o * INPUTS + i]! - trueWeight(o * INPUTS + i)) * x[i]!;
      }
      const scale = (2 * error) / (BATCH * OUTPUTS);
      loss += error ** 2 / (BATCH * OUTPUTS);
      biasGradient[o]! += scale;
      for (let i = 0; i < INPUTS; i++) weightGradient[o * INPUTS + i]! += scale * x[i]!;
    }
  }
  return { loss, weightGradient, biasGradient };
}
