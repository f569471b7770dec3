/** `node scripts/convolutions.mjs [BATCH]`: whether the forms that are chosen for gradients are the fastest. */
import os from 'node:os';
import path from 'node:path';
import { latentStride } from '../../src/diffusion/autoencoder.js';
import { openBaseModel, unetConfigOf } from '../../src/diffusion/base-model.js';
import { input, show, type Tensor } from '../../src/graph/index.js';
import { steeredNoise } from '../../src/inversion/inverter-graph.js';
import { readInverterConfig } from '../../src/inversion/inverter-config.js';
import { trainableParameters } from '../../src/nn/index.js';
import { packageRoot } from '../../src/package-root.js';
import { markdownTable } from '../table.js';
import { gradientWorks } from './gradient-works.js';
import { measureForms } from './measure-forms.js';

const INVERTER = 'lite0-14x14';

/** The shipped inverter's noise, with its ControlNet's weights as inputs; their names. */
async function traceInverter(batch: number): Promise<{ noise: Tensor; trained: Set<string> }> {
  const folder = path.join(packageRoot(), 'models', 'inverters', INVERTER);
  const { hintWidth, mapShape, pooled } = await readInverterConfig(folder);
  const base = await openBaseModel(path.join(packageRoot(), 'models', 'bases', 'tiny'));
  const unet = unetConfigOf(base);
  const control = trainableParameters(new Map(), 0);
  const side = base.config.imageSize / latentStride(base.config.autoencoder);
  const inputs = {
    latents: input('latents', [batch, unet.latentChannels, side, side]),
    timesteps: input('timesteps', [batch]),
    context: input('context', [batch, unet.contextLength, unet.contextWidth]),
  };
  const map = input('features', [batch, ...mapShape]);
  const noise = steeredNoise(base.unet(), control, { unet, hintWidth, pooled }, inputs, map);
  return { noise, trained: new Set(control.inputs.keys()) };
}

const batch = Number(process.argv[2] ?? 16);
const { noise, trained } = await traceInverter(batch);
const rows: string[][] = [];
const totals = { chosen: 0, best: 0 };
for (const work of gradientWorks(noise, trained)) {
  const times = await measureForms(work, os.availableParallelism());
  const best = Math.min(...times.values());
  totals.chosen += work.count * times.get(work.chosen)!;
  totals.best += work.count * best;
  const shown = [...times].map(([form, ms]) => `${form} ${ms.toFixed(2)}`);
  const kind = `${work.by}${work.isTrained ? '' : ', frozen'}`;
  const shapes = [show(work.x.shape), show(work.w.shape)];
  rows.push([
    `${work.count} × ${kind}`,
    ...shapes,
    shown.join(', '),
    work.chosen,
    (times.get(work.chosen)! / best).toFixed(2),
  ]);
}
process.stdout.write(
  markdownTable([['gradient by', 'image', 'weight', 'ms', 'chosen', 'over the best'], ...rows]),
);
const { chosen, best } = totals;
process.stdout.write(
  `\n\nchosen ${chosen.toFixed(0)} ms a step, the best of each ${best.toFixed(0)} ms\n`,
);
