import { InputError } from '../../errors.js';
import { ddim } from './ddim.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import type { Sampler } from './sampler.js';

/** Every sampler by the name that users give. */
export const samplers = {
  ddim,
  'dpm++': dpmSolverPlusPlus,
} as const satisfies Record<string, Sampler>;

export type SamplerName = keyof typeof samplers;

export const samplerNames = Object.keys(samplers) as SamplerName[];

const isSamplerName = (name: string): name is SamplerName => Object.hasOwn(samplers, name);

/** The sampler of that name; an unknown name is an input error that lists the known ones. */
export function getSampler(name: string): Sampler {
  if (!isSamplerName(name)) {
    throw new InputError(`sampler "${name}": unknown; the samplers are ${samplerNames.join(', ')}`);
  }
  return samplers[name];
}
