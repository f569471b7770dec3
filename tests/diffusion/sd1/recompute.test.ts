import { expect, it, vi } from 'vitest';
import { latentStride } from '../../../src/diffusion/autoencoder.js';
import { input, mean, mul, sizeOf, sub, type Tensor } from '../../../src/graph/index.js';
import { steeredNoise } from '../../../src/inversion/inverter-graph.js';
import { frozenParameters, trainableParameters } from '../../../src/nn/index.js';
import { GradientStep } from '../../../src/training/gradient-step.js';
import { hashedTensors, narrowModel, unit } from './hashed-models.js';

// Normally a few seconds; the process may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000 });

it('recomputed activations leave the gradients of a narrow ControlNet as they are', async () => {
  const { config, hintWidth, mapShape } = narrowModel;
  const grid = config.imageSize / latentStride(config.autoencoder);
  const { latentChannels, contextLength, contextWidth } = config.unet;
  const inputs = {
    latents: input('latents', [2, latentChannels, grid, grid]),
    timesteps: input('timesteps', [2]),
    context: input('context', [2, contextLength, contextWidth]),
    noise: input('noise', [2, latentChannels, grid, grid]),
    features: input('features', [2, ...mapShape]),
  };
  const valuesOf = ({ shape }: Tensor, name: string) =>
    name === 'timesteps' ? Float32Array.of(21, 500) : unit(name, shape);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [name, valuesOf(tensor, name)]),
  );
  const base = frozenParameters(hashedTensors(narrowModel.unet), 'the narrow UNet');
  const parameters = trainableParameters(hashedTensors(narrowModel.control), 0);
  const network = { unet: config.unet, hintWidth, pooled: false };
  const { features, noise, ...denoiser } = inputs;
  const error = sub(steeredNoise(base, parameters, network, denoiser, features), noise);
  const results = [];
  for (const recompute of [false, true]) {
    const loss = mean(mul(error, error));
    const step = GradientStep.trace(loss, parameters, {}, { recompute });
    results.push({ ...(await step.run(feeds)), flops: step.flops });
    await step.dispose();
  }
  const [kept, again] = results as [(typeof results)[0], (typeof results)[0]];
  expect(again.flops).toBeGreaterThan(1.15 * kept.flops);
  // Attention keeps no probabilities where it is computed again: another kernel, other rounding.
  expect(Math.abs(again.loss - kept.loss) / kept.loss).toBeLessThan(1e-6);
  for (const [name, values] of kept.gradients) {
    const other = again.gradients.get(name)!;
    expect(other).toHaveLength(sizeOf(parameters.inputs.get(name)!.shape));
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const off = values.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
    // The runtime fuses what is computed once and what is computed twice differently: rounding differs.
    expect(off / largest, name).toBeLessThan(5e-6);
  }
});
