/** All tensors of Stable Diffusion v1 and of a FeatInv ControlNet for maps of 1024 channels. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Shape } from '../../../src/graph/index.js';

export type Part = 'unet' | 'vae' | 'text_encoder' | 'controlnet';

export interface KeymapRow {
  readonly original: string;
  readonly part: Part;
  /** Diffusers' name; for the hint encoder, which diffusers lacks, the authors' without its prefix. */
  readonly name: string;
  /** In the original checkpoint. */
  readonly shape: Shape;
}

export function readKeymap(): KeymapRow[] {
  const file = new URL('../../fixtures/sd1/keymap.tsv.gz', import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [original, own, sizes] = line.split('\t') as [string, string, string];
    const [part, name] = own.split(':') as [Part, string];
    return { original, part, name, shape: sizes.split('x').map(Number) };
  });
}
