/** Which files of a repository are needed: most hold the same weights several times. */
import { InputError } from '../errors.js';
import type { Repository } from './hugging-face.js';
import type { RemoteFile } from './remote-file.js';

/** The parts of a latent diffusion model in diffusers' layout, and the names of their weights. */
const DIFFUSERS_PARTS = {
  unet: ['diffusion_pytorch_model', 'diffusion_pytorch_model'],
  vae: ['diffusion_pytorch_model', 'diffusion_pytorch_model'],
  text_encoder: ['model', 'pytorch_model'],
} as const;

/**
 * UNet, autoencoder and text encoder with their configurations: full precision before half, safetensors
 * before pickles.
 */
export function diffusersFiles(repository: Repository): RemoteFile[] {
  const parts = Object.entries(DIFFUSERS_PARTS).flatMap(([part, [stem, pickle]]) => {
    const names = ['', '.fp16'].flatMap((precision) => [
      `${part}/${stem}${precision}.safetensors`,
      `${part}/${pickle}${precision}.bin`,
    ]);
    return [...optional(repository, `${part}/config.json`), firstOf(repository, names)];
  });
  const settings = ['model_index.json', 'scheduler/scheduler_config.json'];
  return [...settings.flatMap((path) => optional(repository, path)), ...parts];
}

/** The weights of a classifier, with its configuration. */
export function classifierFiles(repository: Repository): RemoteFile[] {
  return [
    ...optional(repository, 'config.json'),
    firstOf(repository, ['model.safetensors', 'pytorch_model.bin']),
  ];
}

/** Configuration and weights of an inverter. */
export function inverterFiles(repository: Repository): RemoteFile[] {
  return [firstOf(repository, ['featinv.json']), firstOf(repository, ['controlnet.safetensors'])];
}

/** One file by its path. */
export function singleFile(repository: Repository, path: string): RemoteFile[] {
  return [firstOf(repository, [path])];
}

export const holds = ({ files }: Repository, path: string): boolean =>
  files.some((file) => file.path === path);

function optional({ files }: Repository, path: string): RemoteFile[] {
  return files.filter((file) => file.path === path);
}

function firstOf(repository: Repository, paths: readonly string[]): RemoteFile {
  for (const path of paths) {
    const [found] = optional(repository, path);
    if (found) return found;
  }
  const names = repository.files.map(({ path }) => path);
  const shown = names.length > 12 ? [...names.slice(0, 12), '…'] : names;
  throw new InputError(
    `${repository.page} has no ${paths.join(' and no ')}; it holds ${shown.join(', ') || 'no file'}`,
  );
}
