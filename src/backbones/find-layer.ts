import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Backbone, LayerInfo } from './backbone.js';

/** The layer called `name`. Throws InputError that suggests the nearest name and lists all. */
export function findLayer(backbone: Pick<Backbone, 'id' | 'layers'>, name: string): LayerInfo {
  const found = backbone.layers.find((layer) => layer.name === name);
  if (found) return found;
  const names = backbone.layers.map((layer) => layer.name);
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const list = backbone.layers.map((layer) => `${layer.name} ${layer.shape.join('x')}`).join(', ');
  throw new InputError(`backbone ${backbone.id} has no layer "${name}"${hint} (layers: ${list})`);
}
