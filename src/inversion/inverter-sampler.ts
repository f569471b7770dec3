/** Compiled sampling of one inverter: feature maps and noise in, pictures out. */
import {
  decode,
  encode,
  latentStride,
  normaliseLatents,
  restoreLatents,
} from '../diffusion/autoencoder.js';
import type { BaseModel, TextContexts } from '../diffusion/base-model.js';
import { unetConfigOf } from '../diffusion/base-model.js';
import {
  guidanceBranches,
  guidedNoise,
  type Branch,
  type Guidance,
} from '../diffusion/guidance.js';
import { sample, type StepInfo } from '../diffusion/samplers/index.js';
import { InputError } from '../errors.js';
import { input, quantise, type Hoisted, type Tensor } from '../graph/index.js';
import type { Parameters } from '../nn/index.js';
import { Random } from '../random.js';
import { largestNeed, memoryNeed, sumNeeds, type MemoryNeed } from '../runtime/memory-need.js';
import { SessionPool } from '../runtime/session-pool.js';
import { Session, type SessionOptions } from '../runtime/session.js';
import { shareFeeds } from '../runtime/share-feeds.js';
import type { Precision, SamplingDefaults } from './inverter-config.js';
import { splitStep, steeredNoise, type InverterNetwork } from './inverter-graph.js';

export interface InverterParts {
  readonly base: BaseModel;
  readonly network: InverterNetwork;
  /** Channels, height and width of the map. */
  readonly mapShape: readonly [number, number, number];
  /** The ControlNet's weights for one trace. */
  control(): Parameters;
  /** What is done to maps before the hint encoder reads them; nothing in released models. */
  readonly prepareMap?: (features: Tensor) => Tensor;
}

/** Called and waited for after each denoising step; what it throws ends the sampling. */
export type OnStep = (info: StepInfo) => void | Promise<void>;

/**
 * Samples pictures for feature maps. Sessions are compiled once for each batch size and reused while memory allows.
 */
export class InverterSampler {
  private readonly sessions: SessionPool;
  private readonly latentSize: number;
  private readonly grid: number;

  constructor(
    private readonly parts: InverterParts,
    private readonly options: SessionOptions = {},
  ) {
    this.sessions = new SessionPool(options.memory);
    const { autoencoder, imageSize } = parts.base.config;
    this.grid = imageSize / latentStride(autoencoder);
    this.latentSize = autoencoder.latentChannels * this.grid ** 2;
  }

  /**
   * One picture for each map: `maps` [N, C, h, w] to images [N, 3, H, W] in about [-1, 1]. Picture i
   * starts from the noise of `seeds[i]`, which alone decides it (with 8 bits, the pictures beside it do as well:
   * their values share a range). `feeds` are values of parameters that
   * are still being trained.
   */
  async sample(
    maps: Float32Array,
    seeds: readonly number[],
    sampling: SamplingDefaults,
    onStep?: OnStep,
    feeds: Readonly<Record<string, Float32Array>> = {},
  ): Promise<Float32Array> {
    const count = seeds.length;
    const precision = this.checkedPrecision(sampling.precision);
    const guidance = { mode: sampling.guidanceMode, scale: sampling.guidance };
    const branches = guidanceBranches(guidance);
    const conditions = this.branchConditions(
      await this.parts.base.contexts(sampling.prompt),
      maps,
      count,
      branches,
    );
    const batch = count * branches.length;
    const prepared = await (
      await this.session('conditions', batch)
    ).run({ ...conditions, ...feeds });
    // Asked for at each step: drawing what was found so far may have freed it.
    const denoiser = () => this.session('noise', batch, precision);
    // Conditions and weights stay on the device over all steps; latents are read by the sampler.
    const shared = await shareFeeds(await denoiser(), { ...prepared, ...feeds }, this.options);
    const latents = await sample({
      predictNoise: guidedNoise(guidance, async (x, t) => {
        const timesteps = new Float32Array(batch).fill(t);
        const repeated = repeat(x, branches.length);
        const session = await denoiser();
        const { noise } = await session.run({ latents: repeated, timesteps, ...shared.feeds });
        return branches.map((_, i) => noise.subarray(i * x.length, (i + 1) * x.length));
      }),
      schedule: this.parts.base.schedule,
      sampler: sampling.sampler,
      steps: sampling.steps,
      eta: sampling.eta,
      latents: this.startingNoise(seeds),
      random: seeds.map((seed) => new Random(seed).fork('fresh noise')),
      ...(onStep && { onStep }),
    }).finally(() => shared.dispose());
    return this.decode(latents, count);
  }

  /** The autoencoder's round trip of images [N, 3, H, W] through the posterior's mean. */
  async roundTrip(images: Float32Array): Promise<Float32Array> {
    const size = this.parts.base.config.imageSize;
    const count = images.length / (3 * size * size);
    const { latents } = await (await this.session('latents', count)).run({ images });
    return this.decode(latents, count);
  }

  /** Pictures [count, 3, H, W] of latents, finished or on their way. */
  async decode(latents: Float32Array, count: number): Promise<Float32Array> {
    return (await (await this.session('images', count)).run({ latents })).images;
  }

  private startingNoise(seeds: readonly number[]): Float32Array {
    const latents = new Float32Array(seeds.length * this.latentSize);
    seeds.forEach((seed, i) => {
      const start = i * this.latentSize;
      new Random(seed).fork('latents').fillNormal(latents.subarray(start, start + this.latentSize));
    });
    return latents;
  }

  private branchConditions(
    contexts: TextContexts,
    maps: Float32Array,
    count: number,
    branches: readonly Branch[],
  ): { features: Float32Array; context: Float32Array } {
    const contextSize = contexts.prompt.length;
    const features = new Float32Array(branches.length * maps.length);
    const context = new Float32Array(branches.length * count * contextSize);
    branches.forEach((branch, i) => {
      if (branch.hint === 'features') features.set(maps, i * maps.length);
      for (let j = 0; j < count; j++) {
        context.set(contexts[branch.context], (i * count + j) * contextSize);
      }
    });
    return { features, context };
  }

  /**
   * Memory of sampling `count` pictures at once, over all its stages. In the mode `low` they take turns.
   */
  memoryNeed(count: number, guidance: Guidance, wanted?: Precision): MemoryNeed {
    const precision = this.checkedPrecision(wanted);
    const batch = count * guidanceBranches(guidance).length;
    const { once, rest } = this.denoiser(batch, precision);
    const needs = [
      memoryNeed(once, this.options),
      memoryNeed({ noise: rest }, this.optionsFor(precision)),
      memoryNeed(this.graphs.images(count), this.options),
    ];
    return this.options.memory === 'low' ? largestNeed(needs) : sumNeeds(needs);
  }

  private checkedPrecision(precision: Precision = 'float32'): Precision {
    const { device = 'cpu' } = this.options;
    if (precision === 'int8' && device !== 'cpu') {
      throw new InputError(
        `precision int8 is for the CPU, not for ${device}: leave out --precision, or take --device cpu`,
      );
    }
    return precision;
  }

  /** 8-bit weights are made with their session and are in no file: there is nothing to leave there. */
  private optionsFor(precision: Precision): SessionOptions {
    return precision === 'int8' ? { ...this.options, memory: 'fast' } : this.options;
  }

  private session<Stage extends keyof typeof this.graphs>(
    stage: Stage,
    batch: number,
    precision: Precision = 'float32',
  ): Promise<Session<keyof ReturnType<(typeof this.graphs)[Stage]> & string>> {
    return this.sessions.get(`${stage} ${batch} ${precision}`, () =>
      Session.compile(this.graphs[stage](batch, precision), this.optionsFor(precision)),
    );
  }

  /** What each stage computes, by the names of its results. */
  private readonly graphs = {
    conditions: (batch: number): Readonly<Record<string, Tensor>> => this.denoiser(batch).once,
    noise: (batch: number, precision?: Precision): { noise: Tensor } => ({
      noise: this.denoiser(batch, precision).rest,
    }),
    images: (batch: number): { images: Tensor } => {
      const { autoencoder } = this.parts.base.config;
      const shape = [batch, autoencoder.latentChannels, this.grid, this.grid];
      const latents = restoreLatents(autoencoder, input('latents', shape));
      return { images: decode(this.parts.base.autoencoder(), autoencoder, latents) };
    },
    latents: (batch: number): { latents: Tensor } => {
      const { autoencoder, imageSize } = this.parts.base.config;
      const images = input('images', [batch, 3, imageSize, imageSize]);
      const { mean } = encode(this.parts.base.autoencoder(), autoencoder, images);
      return { latents: normaliseLatents(autoencoder, mean) };
    },
  };

  private denoiser(batch: number, precision?: Precision): Hoisted {
    const { base, network, mapShape } = this.parts;
    const unet = unetConfigOf(base);
    const inputs = {
      latents: input('latents', [batch, unet.latentChannels, this.grid, this.grid]),
      timesteps: input('timesteps', [batch]),
      context: input('context', [batch, unet.contextLength, unet.contextWidth]),
    };
    const maps = input('features', [batch, ...mapShape]);
    const features = this.parts.prepareMap?.(maps) ?? maps;
    const step = splitStep(
      steeredNoise(base.unet(), this.parts.control(), network, inputs, features),
    );
    return precision === 'int8' ? { ...step, rest: quantise(step.rest, 'latents') } : step;
  }

  /** Frees native memory; what is sampled later opens its sessions again. */
  dispose(): Promise<void> {
    return this.sessions.dispose();
  }
}

function repeat(values: Float32Array, times: number): Float32Array {
  const out = new Float32Array(values.length * times);
  for (let i = 0; i < times; i++) out.set(values, i * values.length);
  return out;
}
