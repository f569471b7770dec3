/** Optimiser steps of the shipped training configurations: forward, backward, clipping, AdamW. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { writePng } from '../../src/images/png.js';
import { parseTrainingConfig } from '../../src/inversion/training-tasks.js';
import { packageRoot } from '../../src/package-root.js';
import { Random } from '../../src/random.js';
import { HostState } from '../../src/training/host-state.js';
import { optimizerStep } from '../../src/training/optimizer.js';
import { backboneWeights, stableDiffusionWeights } from '../hashed-weights.js';
import type { NetworkSpec } from '../network-spec.js';
import type { WorkSpec } from '../protocol.js';
import { timed, type Workload } from './workload.js';

export interface TrainingSpec extends WorkSpec {
  readonly kind: 'training';
  /** A file of training/, without its ending. */
  readonly run: string;
  readonly part: 'autoencoder' | 'denoiser' | 'inverter';
  readonly network: NetworkSpec;
  readonly batch: number;
  /** The classifier of a run at the scale of Stable Diffusion, whose weights are hashed; null for tiny runs. */
  readonly backbone: string | null;
  /** For the peer: what timm calls the classifier, the side of its input and which of its stages is read. */
  readonly timm: string | null;
  readonly size: number | null;
  readonly stage: number | null;
}

export async function openTraining(spec: TrainingSpec, threads: number): Promise<Workload> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'featinv-bench-'));
  const pictures = path.join(folder, 'pictures');
  await mkdir(pictures);
  for (let i = 0; i < 4; i++) await writeNoise(path.join(pictures, `${i}.png`), i);
  const config = await readRun(spec, pictures);
  const task = await config.open({ session: { threads }, record: () => ({}) });
  const state = new HostState(task, config.trainer);
  const random = new Random(config.trainer.seed);
  let step = 0;
  return {
    run: timed(() => optimizerStep(state, config.trainer, ++step, random)),
    flops: task.flops,
    dispose: () => rm(folder, { recursive: true }),
  };
}

/** The run's own configuration on synthetic pictures and a base that is here, without averaged weights. */
async function readRun({ run, batch, backbone }: TrainingSpec, pictures: string) {
  const file = path.join(packageRoot(), 'training', `${run}.json`);
  const stored = JSON.parse(await readFile(file, 'utf8')) as { trainer: object; base?: string };
  const { startFrom: _, ...kept } = stored as typeof stored & { startFrom?: string };
  const base =
    backbone === null
      ? path.join(packageRoot(), 'models', 'bases', 'tiny')
      : await stableDiffusionWeights();
  return parseTrainingConfig(
    {
      ...kept,
      ...(kept.base === undefined ? {} : { base }),
      ...(backbone === null ? {} : { backbone: `${backbone}=${await backboneWeights(backbone)}` }),
      data: { photographs: pictures, heldOut: pictures, validationCrops: 2 },
      trainer: { ...kept.trainer, batchSize: batch, accumulation: 1, ema: null },
    },
    file,
  );
}

async function writeNoise(file: string, seed: number): Promise<void> {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: 128 * 128 * 3 }, () => random.int(256));
  await writePng(file, { width: 128, height: 128, data });
}
