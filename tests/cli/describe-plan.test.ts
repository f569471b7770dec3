import { describe, expect, it } from 'vitest';
import { describePlan, type PlannedRun } from '../../src/cli/train/describe-plan.js';
import { trainerSchema } from '../../src/training/config.js';

/** 250 million parameters: a copy takes a gigabyte. */
const parameters = new Map([['w', { shape: [250e6], data: { length: 250e6 } as Float32Array }]]);
const need = { weights: 2e9, prepacked: 0.5e9, activations: 0.5e9, total: 3e9 };

function memoryLines(machine: number, trainer: Record<string, unknown>): string[] {
  const run: PlannedRun = {
    config: {
      type: 'inverter',
      trainer: trainerSchema.parse({ steps: 1, batchSize: 1, learningRate: 1, ...trainer }),
    },
    task: { parameters, memory: need, validationMemory: { ...need, total: 2e9, weights: 1.9e9 } },
    directory: 'runs/a',
    threads: 2,
  };
  return describePlan(run, { held: 1.1e9, machine }).slice(1);
}

describe('the plan of a training run', () => {
  it('tells how much memory each part takes', () => {
    expect(memoryLines(24e9, { ema: null })).toEqual([
      // What is held, the weights in it; three more copies; the step; validation.
      'memory: about 9.1 GB: 4.0 GB for 4 copies of the weights, 3.0 GB for a step of 1 images, ' +
        '2.0 GB for validation; 3.9 GB of it stay in the weights’ files',
    ]);
    expect(memoryLines(24e9, { accumulation: 8 })[0]).toMatch(
      /about 11\.1 GB: 6\.0 GB for 6 copies/,
    );
  });

  it('warns where the machine has less, and says what helps', () => {
    expect(memoryLines(8e9, { ema: null, recompute: true })[1]).toBe(
      'warning: the machine has 8.0 GB: frozen weights will be read again and again, which is slow; ' +
        'less is needed with a smaller model',
    );
    expect(memoryLines(4e9, { batchSize: 2, accumulation: 4 })[1]).toBe(
      'warning: the machine has 4.0 GB: the system may end the run, or slow it down by swapping; less is ' +
        'needed with "recompute": true, a smaller "batchSize", "accumulation": 1, "ema": null, a smaller model',
    );
  });
});
