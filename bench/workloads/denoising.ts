/** Guided steps of Stable Diffusion v1 under a ControlNet, as `reconstruct` takes them: a batch of two. */
import { openBaseModel, unetConfigOf } from '../../src/diffusion/base-model.js';
import { openControlNet } from '../../src/diffusion/controlnet-file.js';
import { countFlops } from '../../src/graph/flops.js';
import { input, sizeOf, type Shape } from '../../src/graph/index.js';
import type { Precision, SamplingDefaults } from '../../src/inversion/inverter-config.js';
import { splitStep, steeredNoise } from '../../src/inversion/inverter-graph.js';
import { InverterSampler, type InverterParts } from '../../src/inversion/inverter-sampler.js';
import { mappedParameters } from '../../src/nn/index.js';
import { Random } from '../../src/random.js';
import type { MemoryMode } from '../../src/runtime/memory-mode.js';
import { stableDiffusionWeights, type WeightStorage } from '../hashed-weights.js';
import type { NetworkSpec } from '../network-spec.js';
import type { WorkSpec } from '../protocol.js';
import type { Workload } from './workload.js';

export interface DenoisingSpec extends WorkSpec {
  readonly kind: 'denoising';
  readonly network: NetworkSpec;
  readonly batch: number;
  /** Default: float32. */
  readonly weights?: WeightStorage;
  /** Default: fast. */
  readonly memory?: MemoryMode;
  /** Default: float32. */
  readonly precision?: Precision;
}

const SAMPLING = {
  sampler: 'ddim',
  steps: 50,
  eta: 0,
  guidance: 1.75,
  guidanceMode: 'text',
} as const;

export async function openDenoising(spec: DenoisingSpec, threads: number): Promise<Workload> {
  const { mapShape, imageSize } = spec.network;
  const file = await stableDiffusionWeights(spec.weights);
  const base = await openBaseModel(file, { imageSize });
  const unet = unetConfigOf(base);
  const control = openControlNet(file, unet);
  const random = new Random('conditions');
  const noise = (shape: Shape): Float32Array => random.fillNormal(new Float32Array(sizeOf(shape)));
  const context = [unet.contextLength, unet.contextWidth];
  const contexts = { prompt: noise(context), null: noise(context) };
  const parts: InverterParts = {
    // A step does not notice whose prompt it is.
    base: { ...base, contexts: () => Promise.resolve(contexts) },
    network: { unet, hintWidth: control.hintWidth, pooled: false },
    mapShape,
    control: () => mappedParameters(control.weights),
  };
  const sampler = new InverterSampler(parts, { threads, memory: spec.memory });
  const maps = noise(mapShape);
  return {
    run: (times) => timeSteps(sampler, maps, { ...SAMPLING, precision: spec.precision }, times),
    flops: flopsOf(parts, spec),
    dispose: () => sampler.dispose(),
  };
}

/** Ends a sampling before its picture is decoded. */
class Enough extends Error {}

/** A first step, which is not counted, and `times` more. */
async function timeSteps(
  sampler: InverterSampler,
  maps: Float32Array,
  sampling: SamplingDefaults,
  times: number,
): Promise<number[]> {
  const ends: number[] = [];
  const onStep = (): void => {
    if (ends.push(performance.now()) > times) throw new Enough();
  };
  await sampler.sample(maps, [1], sampling, onStep).catch((error: unknown) => {
    if (!(error instanceof Enough)) throw error;
  });
  return ends.slice(1).map((end, i) => end - ends[i]!);
}

function flopsOf(parts: InverterParts, spec: DenoisingSpec): number {
  const { base, network, mapShape } = parts;
  const { unet, grid } = spec.network;
  const { batch } = spec;
  const inputs = {
    latents: input('latents', [batch, unet.latentChannels, grid, grid]),
    timesteps: input('timesteps', [batch]),
    context: input('context', [batch, unet.contextLength, unet.contextWidth]),
  };
  const features = input('features', [batch, ...mapShape]);
  const noise = steeredNoise(base.unet(), parts.control(), network, inputs, features);
  return countFlops([splitStep(noise).rest]);
}
