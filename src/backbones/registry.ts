import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { packageRoot } from '../package-root.js';
import { openOnnxBackbone } from './any-onnx.js';
import { readConfig } from '../parse-config.js';
import { backboneSchema, type BackboneConfig } from './backbone-config.js';
import {
  requireTraceable,
  type Backbone,
  type LayerInfo,
  type TraceableBackbone,
} from './backbone.js';
import { openBuiltInBackbone } from './built-in-backbone.js';
import { outlineOf } from './expected-tensors.js';
import { backboneFolder, weightsIn } from './find-weights.js';
import { authorsPreprocessing } from './preprocess.js';
import { openTimmBackbone } from './timm-backbone.js';
import { timmCatalogue, type TimmBackbone } from './timm-catalogue.js';

/** The backbone that is used where none is asked for. */
export const DEFAULT_BACKBONE = 'efficientnet_lite0';

const root = (): string => join(packageRoot(), 'models', 'backbones');

/** Descriptions of the shipped backbones, by name. */
export async function listBackbones(): Promise<BackboneConfig[]> {
  const ids = await backboneIds();
  return Promise.all(ids.map((id) => readConfig(backboneSchema, join(root(), id, 'config.json'))));
}

/** A classifier known by its timm name, and whether its weights are here. */
export interface TimmBackboneState {
  readonly backbone: TimmBackbone;
  /** Where its weights are looked for. */
  readonly folder: string;
  /** The file that was found there. */
  readonly weights: string | undefined;
  readonly layers: readonly LayerInfo[];
}

/** All classifiers known by their timm names. */
export function listTimmBackbones(): TimmBackboneState[] {
  return [...timmCatalogue.values()].map((backbone) => {
    const { name, architecture, preprocessing } = backbone;
    const folder = backboneFolder(name);
    const { layers } = outlineOf(architecture.family, preprocessing.size);
    return { backbone, folder, weights: weightsIn(folder, name), layers };
  });
}

export interface LoadOptions {
  /**
   * How photographs become inputs: as the backbone was evaluated, or as the authors of FeatInv do it, the
   * whole short side resized bilinearly. Default `own`.
   */
  readonly preprocessing?: 'own' | 'featinv' | undefined;
}

/**
 * Opens a backbone by a reference: the id of a shipped one; a timm name as in `timmCatalogue`, perhaps with
 * the side of the input, the weights, or both, `NAME@SIZE=FILE`; or the path of an .onnx file. Throws
 * InputError for an unknown one, a missing or damaged file.
 *
 * @example
 * const backbone = await loadBackbone('resnet50.a1_in1k@224=weights/resnet50.safetensors');
 */
export async function loadBackbone(
  reference: string,
  options: LoadOptions = {},
): Promise<Backbone> {
  return prepared(await openReference(reference), options);
}

/**
 * `loadBackbone` for uses that need the backbone inside a larger graph. Throws InputError for an .onnx file
 * that cannot be traced, naming the node.
 */
export async function loadTraceableBackbone(
  reference: string,
  options: LoadOptions = {},
): Promise<TraceableBackbone> {
  return prepared(requireTraceable(await openReference(reference)), options);
}

function prepared<Opened extends Backbone>(backbone: Opened, options: LoadOptions): Opened {
  if (options.preprocessing !== 'featinv') return backbone;
  return { ...backbone, preprocessing: authorsPreprocessing(backbone.preprocessing) };
}

async function openReference(reference: string): Promise<Backbone> {
  const { name, size, weights } = parseReference(reference);
  const known = timmCatalogue.get(name);
  if (known) return openTimmBackbone(known, { size, weights });
  if (/\.onnx$/i.test(reference)) return openOnnxBackbone(reference);
  const ids = await backboneIds();
  if (ids.includes(reference)) return openBuiltInBackbone(join(root(), reference));
  if (ids.includes(name)) {
    throw new InputError(`${name} ships with its weights and its size: give it as ${name} alone`);
  }
  const near = nearest(name, [...ids, ...timmCatalogue.keys()]);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new InputError(
    `there is no backbone "${name}"${hint} (known: ${ids.join(', ')}, the timm names that \`featinv models\` lists, or the path of an .onnx file)`,
  );
}

/** The file or folder of weights that a reference names, if it names one. */
export function weightsOfReference(reference: string): string | undefined {
  return parseReference(reference).weights;
}

/** `NAME`, `NAME@SIZE`, `NAME=FILE` or `NAME@SIZE=FILE`. */
function parseReference(reference: string): {
  name: string;
  size: number | undefined;
  weights: string | undefined;
} {
  const [, name, size, weights] = /^([^=@]*)(?:@(\d+))?(?:=(.+))?$/s.exec(reference) ?? [];
  return {
    name: name ?? reference,
    size: size === undefined ? undefined : Number(size),
    weights,
  };
}

async function backboneIds(): Promise<string[]> {
  const entries = await readdir(root(), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
