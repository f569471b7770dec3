import type { BaseModelConfig } from '../diffusion/base-model.js';
import type { SessionOptions } from '../runtime/session.js';

/**
 * Options with a memory mode: `low` at the scale of Stable Diffusion, where copies of the weights cost gigabytes
 * and seconds and save no time, `fast` for tiny models.
 */
export function withMemoryMode(options: SessionOptions, base: BaseModelConfig): SessionOptions {
  return { ...options, memory: options.memory ?? (base.scale === 'sd1' ? 'low' : 'fast') };
}
