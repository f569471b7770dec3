import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MicroModels } from '../inversion/micro-models.js';

/** A folder with one recipe, `micro`: an inverter whose steps take a moment. */
export function writeMicroRecipe(micro: MicroModels): string {
  const folder = path.join(micro.directory, 'recipes');
  mkdirSync(folder, { recursive: true });
  const recipe = {
    type: 'inverter',
    base: micro.base,
    backbone: 'mobilenet_v1_025',
    layer: 'Conv2d_13_pointwise',
    hintWidth: 8,
    release: { name: 'micro', description: 'MobileNet, last map', licence: 'Apache-2.0' },
    sampling: { sampler: 'ddim', steps: 1, eta: 0, guidance: 1, guidanceMode: 'joint' },
    trainer: { steps: 10, batchSize: 1, learningRate: 0.001 },
  };
  writeFileSync(path.join(folder, 'micro.json'), JSON.stringify(recipe));
  return folder;
}
