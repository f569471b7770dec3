import type { Sampler } from './sampler.js';

/**
 * DDIM (Song et al., 2021, equations 12 and 16):
 * x' = sqrt(abar') clean + sqrt(1 - abar' - sigma^2) noise + sigma n,
 * sigma = eta sqrt((1 - abar') / (1 - abar)) sqrt(1 - abar / abar').
 */
export const ddim: Sampler = {
  name: 'ddim',
  stochastic: true,
  step({ x, noise, clean, alphaBar, alphaBarNext, eta, drawNoise }) {
    const sigma =
      eta * Math.sqrt((1 - alphaBarNext) / (1 - alphaBar)) * Math.sqrt(1 - alphaBar / alphaBarNext);
    const signal = Math.sqrt(alphaBarNext);
    const direction = Math.sqrt(Math.max(0, 1 - alphaBarNext - sigma * sigma));
    const next = x.map((_, i) => signal * clean[i]! + direction * noise[i]!);
    if (sigma === 0) return next;
    const fresh = drawNoise();
    return next.map((value, i) => value + sigma * fresh[i]!);
  },
};
