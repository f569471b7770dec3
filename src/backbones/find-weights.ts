import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { featinvHome } from '../featinv-home.js';

/** Where the weights of a backbone are kept: `$FEATINV_HOME/backbones/NAME`. */
export function backboneFolder(name: string): string {
  return join(featinvHome(), 'backbones', name);
}

/** Names under which weights are found in a folder, the first one first. */
function candidates(name: string): string[] {
  return [
    'model.safetensors',
    'pytorch_model.bin',
    `${name}.safetensors`,
    `${name}.pth`,
    `${name}.pt`,
    `${name}.bin`,
  ];
}

/** The file of a backbone's weights in a folder, if it is there. */
export function weightsIn(folder: string, name: string): string | undefined {
  return candidates(name)
    .map((file) => join(folder, file))
    .find((path) => existsSync(path));
}

/**
 * The weights of a known backbone: the given file or folder, or what lies in its own folder. Throws
 * InputError that says where it looked.
 */
export function findWeights(name: string, given?: string): string {
  if (given !== undefined && !existsSync(given)) {
    throw new InputError(`cannot read ${given}, the weights of ${name}: no such file or directory`);
  }
  if (given !== undefined && !statSync(given).isDirectory()) return given;
  const folder = given ?? backboneFolder(name);
  const found = weightsIn(folder, name);
  if (found !== undefined) return found;
  const looked = `looked in ${folder} for ${candidates(name).join(', ')}`;
  throw new InputError(
    `the weights of ${name} are not here (${looked}); fetch them with \`featinv pull ${name}\`, or give a file as ${name}=FILE`,
  );
}
