/** Which files of a repository are needed: most hold the same weights several times. */
import { InputError } from '../errors.js';
import type { Repository } from './hugging-face.js';
import type { RemoteFile } from './remote-file.js';

/** The parts of a latent diffusion model in diffusers' layout, and their weights, the best form first. */
const DIFFUSERS_PARTS = {
  unet: ['diffusion_pytorch_model.safetensors', 'diffusion_pytorch_model.bin'],
  vae: ['diffusion_pytorch_model.safetensors', 'diffusion_pytorch_model.bin'],
  text_encoder: ['model.safetensors', 'pytorch_model.bin'],
} as const;

/** UNet, autoencoder and text encoder in full precision, with their configurations. */
export function diffusersFiles(repository: Repository): RemoteFile[] {
  return Object.entries(DIFFUSERS_PARTS).flatMap(([part, weights]) => [
    ...optional(repository, `${part}/config.json`),
    firstOf(
      repository,
      weights.map((file) => `${part}/${file}`),
    ),
  ]);
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
