import { InputError } from '../errors.js';
import { choosePhotographs, type Photographs } from '../evaluation/index.js';
import { findInverter, listInverters } from '../inversion/inverter-catalogue.js';
import {
  readInverterConfig,
  type InverterConfig,
  type SamplingDefaults,
} from '../inversion/inverter-config.js';
import { getSampler } from '../diffusion/samplers/index.js';
import { expandAlterations, type AlterationCell } from './alterations.js';
import type { Experiment } from './experiment-file.js';
import type { Coordinates } from './measures.js';

/** An inverter of the grid. */
export interface GridModel {
  readonly directory: string;
  readonly config: InverterConfig;
}

/** One evaluation of the grid. */
export interface Cell {
  readonly coordinates: Coordinates;
  readonly model: GridModel;
  readonly photographs: Photographs;
  readonly crops: number;
  readonly alteration: AlterationCell;
  readonly sampling: SamplingDefaults;
  readonly seed: number;
}

/** All cells: models × image sets × alterations × sampling × seeds, models slowest. */
export async function expandGrid(experiment: Experiment): Promise<Cell[]> {
  const models = await findModels(experiment.models);
  const alterations = expandAlterations(experiment.alterations);
  const cells: Cell[] = [];
  const sets: { name: string; crops: number; photographs: Photographs }[] = [];
  for (const { name, path, crops, ...choice } of experiment.images) {
    sets.push({ name, crops, photographs: await choosePhotographs(path, choice) });
  }
  for (const model of models) {
    const { name, backbone, layer, pooled, sampling } = model.config;
    for (const { name: images, crops, photographs } of sets) {
      for (const alteration of alterations) {
        for (const chosen of expandSampling(sampling, experiment.sampling)) {
          for (const seed of experiment.seeds) {
            const own = { model: name, backbone, layer, pooled, images };
            cells.push({
              ...{ model, photographs, crops, alteration, sampling: chosen, seed },
              coordinates: { ...own, ...alteration.coordinates, ...chosen, seed },
            });
          }
        }
      }
    }
  }
  return cells;
}

async function findModels(wanted: Experiment['models']): Promise<GridModel[]> {
  const names = Array.isArray(wanted) ? wanted : await listInverters();
  const models: GridModel[] = [];
  for (const name of names) {
    const directory = await findInverter(name);
    models.push({ directory, config: await readInverterConfig(directory) });
  }
  if (Array.isArray(wanted)) return models;
  const { backbones, layers, pooled } = wanted;
  const chosen = models.filter(
    ({ config }) =>
      (backbones?.includes(config.backbone) ?? true) &&
      (layers?.includes(config.layer) ?? true) &&
      (pooled?.includes(config.pooled) ?? true),
  );
  if (chosen.length > 0) return chosen;
  const known = models.map(
    ({ config: { name, backbone, layer, pooled } }) =>
      `${name} (${backbone} ${layer}${pooled ? ', pooled' : ''})`,
  );
  throw new InputError(`no inverter fits "models"; there are ${known.join(', ')}`);
}

/** Every combination of the listed settings, over the model's own. */
function expandSampling(own: SamplingDefaults, axes: Experiment['sampling']): SamplingDefaults[] {
  let chosen: SamplingDefaults[] = [own];
  for (const [key, values] of Object.entries(axes) as [string, readonly unknown[]][]) {
    chosen = chosen.flatMap((sampling) => values.map((value) => ({ ...sampling, [key]: value })));
  }
  const wrong = chosen.find(({ sampler, eta }) => eta > 0 && !getSampler(sampler).stochastic);
  if (wrong) {
    throw new InputError(
      `"sampling": ${wrong.sampler} adds no noise, so its eta must be 0, got ${wrong.eta}`,
    );
  }
  return chosen;
}
