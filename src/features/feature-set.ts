/** What decides the maps of a picture besides the picture: a classifier, a layer, and how pictures are fed. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { findLayer, type Backbone, type BackboneSession } from '../backbones/index.js';
import { rememberedSha256 } from '../checkpoints/remembered-hash.js';
import type { SessionOptions } from '../runtime/session.js';
import type { Preparation } from './prepare-picture.js';

export interface FeatureSet {
  readonly backbone: Backbone;
  readonly layer: string;
  /** Channels, height and width of a map. */
  readonly shape: readonly [number, number, number];
  readonly preparation: Preparation;
  /** SHA-256 of the classifier's files. */
  readonly weights: string;
  /** SHA-256 of everything that decides the maps, in hexadecimal. */
  readonly address: string;
}

export interface FeatureSetOptions {
  /** Default: the classifier's own. */
  readonly layer?: string | undefined;
  /** Show the classifier the middle square at this side; default: its own crop. */
  readonly size?: number | undefined;
}

/** Throws InputError for an unknown layer. */
export async function featureSet(
  backbone: Backbone,
  { layer: wanted, size }: FeatureSetOptions = {},
): Promise<FeatureSet> {
  const { name: layer, shape } = findLayer(backbone, wanted ?? backbone.defaultLayer);
  const { preprocessing } = backbone;
  const preparation: Preparation =
    size === undefined ? { kind: 'own', preprocessing } : { kind: 'square', size };
  const weights = await rememberedSha256(...backbone.files);
  // Preprocessing also says how large the graph itself makes a square.
  const decides = [path.basename(backbone.id), weights, layer, shape, preparation, preprocessing];
  const address = createHash('sha256').update(JSON.stringify(decides)).digest('hex');
  return { backbone, layer, shape, preparation, weights, address };
}

/** A session for batches of prepared pictures. */
export function openFeatureSession(
  { backbone, layer, preparation }: FeatureSet,
  batch: number,
  options: SessionOptions,
): Promise<BackboneSession> {
  const imageSize =
    preparation.kind === 'own' ? undefined : ([preparation.size, preparation.size] as const);
  return backbone.open({ ...options, layer, batch, imageSize });
}
