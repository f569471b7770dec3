/** All rows, in the order of the tables. */
import path from 'node:path';
import { timmCatalogue } from '../src/backbones/index.js';
import { DEFAULT_INVERTER } from '../src/inversion/inverter-catalogue.js';
import { readInverterConfig } from '../src/inversion/inverter-config.js';
import { packageRoot } from '../src/package-root.js';
import { machineWork } from './measure-work.js';
import { fullNetwork, tinyNetwork } from './network-spec.js';
import type { Work } from './work.js';
import type { DenoisingSpec } from './workloads/denoising.js';
import type { ExtractionSpec } from './workloads/extraction.js';
import type { OpSpec } from './workloads/op.js';
import type { SamplingSpec } from './workloads/sampling.js';
import type { ThroughputSpec } from './workloads/throughput.js';
import type { TrainingSpec } from './workloads/training.js';

export async function allWorks(): Promise<Work[]> {
  return [
    machineWork,
    ...opWorks(),
    ...(await trainingWorks()),
    ...(await samplingWorks()),
    ...extractionWorks(),
    ...throughputWorks(),
    {
      name: 'process start to first image',
      group: 'start',
      spec: { kind: 'first image' },
      images: 1,
      quick: true,
      peer: false,
    },
  ];
}

const CONVOLUTIONS = [
  [16, 64, 16, 16],
  [16, 128, 8, 8],
  [16, 48, 32, 32],
  [2, 320, 32, 32],
  [2, 1280, 8, 8],
] as const;

/** The shapes of the tiny networks with 16 pictures, and of Stable Diffusion v1 with two. */
function opWorks(): Work[] {
  const row = (op: OpSpec['op'], shape: readonly number[], pass: OpSpec['pass'], repeats = 1) => ({
    name: `${op} [${shape.join(',')}] ${pass}`,
    group: 'ops' as const,
    spec: { kind: 'op', op, shape, pass, repeats } satisfies OpSpec,
    quick: op === 'conv3x3' && shape[1] === 64,
  });
  const inEightBits = (shape: readonly number[]): Work => ({
    ...row('conv3x3', shape, 'int8'),
    peer: false,
  });
  const passes = ['frozen', 'forward', 'input gradient', 'weight gradient'] as const;
  const eight = (op: OpSpec['op'], shape: readonly number[]): Work[] => [
    row(op, shape, 'forward', 8),
    row(op, shape, 'gradients', 8),
  ];
  return [
    ...CONVOLUTIONS.flatMap((shape) => [
      ...passes.map((pass) => row('conv3x3', shape, pass)),
      inEightBits(shape),
    ]),
    ...passes.map((pass) => row('matmul', [2048, 1280], pass)),
    row('attention', [2, 1024, 320], 'forward'),
    row('attention', [2, 1024, 320], 'gradients'),
    row('attention', [2, 4096, 320], 'forward'),
    ...eight('group norm', [2, 320, 32, 32]),
    ...eight('layer norm', [2, 1024, 320]),
    ...eight('gelu', [2, 1024, 1280]),
  ];
}

async function trainingWorks(): Promise<Work[]> {
  const network = await tinyNetwork(96, [112, 14, 14]);
  const plain = { network, batch: 16, backbone: null, timm: null, size: null, stage: null };
  const lite = { ...plain, part: 'inverter', timm: 'efficientnet_lite0', size: 224 } as const;
  const runs: Omit<TrainingSpec, 'kind'>[] = [
    { ...plain, run: 'autoencoder', part: 'autoencoder' },
    { ...plain, run: 'denoiser', part: 'denoiser' },
    { ...lite, run: 'lite0-14x14', stage: 3 },
    { ...lite, run: 'lite0-7x7', stage: 4, network: await tinyNetwork(96, [320, 7, 7]) },
  ];
  const tiny = runs.map((run): Work => ({
    name: `tiny training step ${run.run}, batch ${run.batch}`,
    group: 'training',
    spec: { kind: 'training', ...run } satisfies TrainingSpec,
    images: run.batch,
    quick: run.run === 'lite0-14x14',
  }));
  const full: TrainingSpec = {
    kind: 'training',
    run: 'sd1-convnext',
    part: 'inverter',
    network: fullNetwork,
    batch: 1,
    backbone: 'convnext_base.fb_in22k_ft_in1k',
    timm: 'convnext_base',
    size: 288,
    stage: 3,
  };
  const name = `sd1 ControlNet training step, batch ${full.batch}`;
  return [...tiny, { name, group: 'training', spec: full, images: 1, large: true }];
}

async function samplingWorks(): Promise<Work[]> {
  const inverter = DEFAULT_INVERTER;
  const config = await readInverterConfig(
    path.join(packageRoot(), 'models', 'inverters', inverter),
  );
  const { steps, sampler, guidance } = config.sampling;
  const tiny: SamplingSpec = {
    kind: 'sampling',
    inverter,
    network: await tinyNetwork(config.hintWidth, config.mapShape),
    batch: 8,
    steps,
    sampler,
    guidance,
  };
  const full: DenoisingSpec = { kind: 'denoising', network: fullNetwork, batch: 2 };
  const half = { weights: 'float16', memory: 'low' } as const;
  const denoising = (what: string, spec: DenoisingSpec): Work => ({
    name: `sd1 denoising step with ControlNet${what}, batch ${spec.batch}`,
    group: 'sampling',
    spec,
  });
  return [
    {
      name: `tiny reconstruction ${inverter}, batch ${tiny.batch}, ${steps} steps`,
      group: 'sampling',
      spec: tiny,
      images: tiny.batch,
      quick: true,
    },
    denoising('', full),
    denoising(', float16 storage', { ...full, ...half }),
    denoising(', float16 storage, int8', { ...full, ...half, precision: 'int8' }),
  ];
}

/** Backbones, what timm calls their architectures, and their inputs. */
const BACKBONES = [
  ['efficientnet_lite0', 'efficientnet_lite0', 224],
  ['mobilenet_v1_025', 'mobilenetv1_025', 224],
  ['resnet50.a1_in1k', 'resnet50', 288],
  ['convnext_base.fb_in22k_ft_in1k', 'convnext_base', 288],
  ['swinv2_base_window12to24_192to384.ms_in22k_ft_in1k', 'swinv2_base_window12to24_192to384', 384],
] as const;

function extractionWorks(): Work[] {
  return BACKBONES.map(([backbone, timm, size]) => {
    const spec: ExtractionSpec = { kind: 'extraction', backbone, timm, size, batch: 8 };
    return {
      name: `extraction ${timm} at ${size}, batch ${spec.batch}`,
      group: 'extraction',
      spec,
      images: spec.batch,
      quick: !timmCatalogue.has(backbone),
    };
  });
}

/** The limits beside what is reached with both: decoding and computing share the cores. */
function throughputWorks(): Work[] {
  const pictures = 64;
  return ['mobilenet_v1_025', 'efficientnet_lite0'].flatMap((backbone) =>
    (['decode', 'compute', 'both'] as const).map((part) => ({
      name: `throughput ${backbone}, ${part === 'both' ? 'both' : `${part} only`}`,
      group: 'extraction',
      spec: { kind: 'throughput', backbone, part, pictures } satisfies ThroughputSpec,
      images: pictures,
      peer: false,
    })),
  );
}
