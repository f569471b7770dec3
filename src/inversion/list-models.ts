/** Which classifiers, base models and inverters there are, and whether they are here. */
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { listBackbones, listTimmBackbones, type TimmBackboneState } from '../backbones/index.js';
import { baseModelFiles, readBaseConfig } from '../diffusion/base-model.js';
import { packageRoot } from '../package-root.js';
import { findInverter, listInverters } from './inverter-catalogue.js';
import { inverterFiles, readInverterConfig } from './inverter-config.js';

export interface ModelEntry {
  readonly id: string;
  readonly description: string;
  readonly licence: string;
  /** Size of its files; of files that are not here yet, about what they will have. */
  readonly megabytes: number;
  /** Its folder: relative to the working directory where it lies below it. */
  readonly path: string;
  /** Whether every file that it needs is there. */
  readonly here: boolean;
}

export interface BackboneEntry extends ModelEntry {
  readonly layers: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly defaultLayer: string;
  /** Ships with the package, or a known name whose weights are the user's. */
  readonly source: 'shipped' | 'timm';
  /** Hugging Face repository of the weights; null where they are shipped. */
  readonly repository: string | null;
}

export interface InverterEntry extends ModelEntry {
  readonly backbone: string;
  readonly layer: string;
  readonly mapShape: readonly number[];
  readonly pooled: boolean;
  readonly base: string;
}

export interface ModelList {
  readonly backbones: readonly BackboneEntry[];
  readonly bases: readonly ModelEntry[];
  /** The default one first. */
  readonly inverters: readonly InverterEntry[];
}

export async function listModels(): Promise<ModelList> {
  return {
    backbones: [...(await backboneEntries()), ...listTimmBackbones().map(timmEntry)],
    bases: await baseEntries(),
    inverters: await inverterEntries(),
  };
}

async function backboneEntries(): Promise<BackboneEntry[]> {
  const configs = await listBackbones();
  return Promise.all(
    configs.map(async ({ id, title, licence, layers, defaultLayer, weights }) => {
      const folder = join(packageRoot(), 'models', 'backbones', id);
      return {
        ...{ id, description: title, licence },
        megabytes: await folderMegabytes(folder),
        path: shownPath(folder),
        here: existsSync(join(folder, weights.file)),
        layers: layers.map(({ name, channels, height, width }) => ({
          name,
          shape: [channels, height, width],
        })),
        defaultLayer,
        ...{ source: 'shipped', repository: null },
      };
    }),
  );
}

/** Checkpoints hold four bytes for each number. */
const BYTES_PER_PARAMETER = 4;

function timmEntry({ backbone, folder, weights, layers }: TimmBackboneState): BackboneEntry {
  const { name, architecture, licence, preprocessing, repository } = backbone;
  const bytes = weights ? statSync(weights).size : architecture.parameters * BYTES_PER_PARAMETER;
  const millions = (architecture.parameters / 1e6).toFixed(1);
  return {
    id: name,
    description: `${architecture.title}, ${millions} million parameters, ${preprocessing.size} pixels`,
    licence,
    megabytes: toMegabytes(bytes),
    path: shownPath(weights ?? folder),
    here: weights !== undefined,
    layers,
    defaultLayer: layers.at(-1)!.name,
    ...{ source: 'timm', repository },
  };
}

async function baseEntries(): Promise<ModelEntry[]> {
  const bases = join(packageRoot(), 'models', 'bases');
  const ids = existsSync(bases) ? await readdir(bases) : [];
  const licence = await packageLicence();
  return Promise.all(
    ids
      .filter((id) => existsSync(join(bases, id, baseModelFiles.config)))
      .sort()
      .map(async (id) => {
        const folder = join(bases, id);
        const { imageSize } = await readBaseConfig(folder);
        return {
          id,
          description: `latent diffusion model of ${imageSize}×${imageSize} pictures`,
          licence,
          megabytes: await folderMegabytes(folder),
          path: shownPath(folder),
          here: isBaseComplete(folder),
        };
      }),
  );
}

async function inverterEntries(): Promise<InverterEntry[]> {
  const names = await listInverters();
  return Promise.all(
    names.map(async (id) => {
      const folder = await findInverter(id);
      const config = await readInverterConfig(folder);
      const { description, licence, backbone, layer, mapShape, pooled } = config;
      const base = resolve(folder, config.base.path);
      return {
        ...{ id, description, licence },
        megabytes: await folderMegabytes(folder),
        path: shownPath(folder),
        here: existsSync(join(folder, inverterFiles.controlNet)) && isBaseComplete(base),
        ...{ backbone, layer, mapShape, pooled },
        base: shownPath(base),
      };
    }),
  );
}

const isBaseComplete = (folder: string): boolean =>
  Object.values(baseModelFiles).every((file) => existsSync(join(folder, file)));

/** What the project trains is under the package's own licence. */
async function packageLicence(): Promise<string> {
  const text = await readFile(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { license: string }).license;
}

async function folderMegabytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    names.map(async (name) => {
      const status = await stat(join(folder, name));
      return status.isFile() ? status.size : 0;
    }),
  );
  return toMegabytes(sizes.reduce((sum, size) => sum + size, 0));
}

const toMegabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;

function shownPath(folder: string): string {
  const below = relative(process.cwd(), folder);
  return below.startsWith('..') || below === '' ? folder : below;
}
