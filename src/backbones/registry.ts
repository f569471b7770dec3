import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { packageRoot } from '../package-root.js';
import { openOnnxBackbone } from './any-onnx.js';
import { readConfig } from '../parse-config.js';
import { backboneSchema, type BackboneConfig } from './backbone-config.js';
import { isTraceable, type Backbone, type TraceableBackbone } from './backbone.js';
import { openBuiltInBackbone } from './built-in-backbone.js';

/** The backbone that is used where none is asked for. */
export const DEFAULT_BACKBONE = 'efficientnet_lite0';

const root = (): string => join(packageRoot(), 'models', 'backbones');

/** Descriptions of the shipped backbones, by name. */
export async function listBackbones(): Promise<BackboneConfig[]> {
  const ids = await backboneIds();
  return Promise.all(ids.map((id) => readConfig(backboneSchema, join(root(), id, 'config.json'))));
}

/**
 * Opens a shipped backbone by its id, or a user's classifier by the path of its .onnx file.
 * Throws InputError for an unknown id, a missing or damaged file.
 */
export async function loadBackbone(reference: string): Promise<Backbone> {
  if (/\.onnx$/i.test(reference)) return openOnnxBackbone(reference);
  const ids = await backboneIds();
  if (ids.includes(reference)) return openBuiltInBackbone(join(root(), reference));
  const near = nearest(reference, ids);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new InputError(
    `there is no backbone "${reference}"${hint} (known: ${ids.join(', ')}, or the path of an .onnx file)`,
  );
}

/** `loadBackbone` for uses that need the backbone inside a larger graph: shipped backbones only. */
export async function loadTraceableBackbone(reference: string): Promise<TraceableBackbone> {
  const backbone = await loadBackbone(reference);
  if (isTraceable(backbone)) return backbone;
  const ids = await backboneIds();
  throw new InputError(
    `${reference} is an .onnx file, which cannot be differentiated; give one of ${ids.join(', ')}`,
  );
}

async function backboneIds(): Promise<string[]> {
  const entries = await readdir(root(), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
