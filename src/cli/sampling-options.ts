import { guidanceModes, type GuidanceMode } from '../diffusion/guidance.js';
import { getSampler, samplerNames } from '../diffusion/samplers/index.js';
import { InputError } from '../errors.js';
import type { Inverter } from '../inversion/inverter.js';
import { precisions, type SamplingDefaults } from '../inversion/inverter-config.js';
import { optional, type OptionValues } from './command.js';
import { choice, integer, real } from './option-parsers.js';

/** How to sample, for every command that does; what is not given comes from the model. */
export const SAMPLING_OPTIONS = {
  steps: optional('--steps <n>', 'denoising steps, 1 to 1000', integer(1, 1000)),
  sampler: optional('--sampler <name>', samplerNames.join(' or '), choice(samplerNames)),
  eta: optional('--eta <share>', 'fresh noise per step, 0 to 1 (ddim only)', real(0, 1)),
  guidance: optional('--guidance <scale>', '1 is none, more follows the map closer', real(0, 100)),
  guidanceMode: optional<GuidanceMode>(
    '--guidance-mode <mode>',
    'what guidance leaves out: text, or joint (map and text)',
    choice(guidanceModes),
  ),
  precision: optional(
    '--precision <type>',
    'of the denoiser: float32, or int8, which is faster and less exact (cpu only)',
    choice(precisions),
  ),
};

/**
 * The model's sampling with the options that were given in its place. Throws InputError for settings
 * that do not go together.
 */
export function samplingOf(
  inverter: Inverter,
  options: OptionValues<typeof SAMPLING_OPTIONS>,
): SamplingDefaults {
  const { steps, sampler, eta, guidance, guidanceMode, precision } = options;
  const sampling = inverter.sampling({
    ...(steps !== undefined && { steps }),
    ...(sampler !== undefined && { sampler }),
    ...(eta !== undefined && { eta }),
    ...(guidance !== undefined && { guidance }),
    ...(guidanceMode !== undefined && { guidanceMode }),
    ...(precision !== undefined && { precision }),
  });
  if (sampling.eta > 0 && !getSampler(sampling.sampler).stochastic) {
    throw new InputError(
      `--eta must be 0 with --sampler ${sampling.sampler}, which adds no noise, got ${sampling.eta}`,
    );
  }
  return sampling;
}

/** `dpm++, 20 steps, joint guidance 2.5`. */
export function describeSampling(sampling: SamplingDefaults): string {
  const { sampler, steps, eta, guidance, guidanceMode, precision = 'float32' } = sampling;
  return [
    sampler,
    `${steps} ${steps === 1 ? 'step' : 'steps'}`,
    ...(eta > 0 ? [`eta ${eta}`] : []),
    guidance === 1 ? 'no guidance' : `${guidanceMode} guidance ${guidance}`,
    ...(precision === 'float32' ? [] : [precision]),
  ].join(', ');
}
