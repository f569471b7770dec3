import type { Sampler } from './sampler.js';

/** Half the log of the signal-to-noise ratio, log(sqrt(abar) / sqrt(1 - abar)). */
const halfLogSnr = (alphaBar: number): number => 0.5 * Math.log(alphaBar / (1 - alphaBar));

/**
 * DPM-Solver++(2M) (Lu et al., 2022, algorithm 2), variance preserving. With lambda the half log
 * signal-to-noise ratio, h = lambda' - lambda and r = (lambda - lambda_before) / h:
 * D = clean + (clean - clean_before) / (2 r),
 * x' = sqrt((1 - abar') / (1 - abar)) x - sqrt(abar') (exp(-h) - 1) D.
 * The first step has no history, and the last is first order too, where the solution is stiff.
 */
export const dpmSolverPlusPlus: Sampler = {
  name: 'dpm++',
  stochastic: false,
  step({ x, clean, alphaBar, alphaBarNext, isLast, previous }) {
    const lambda = halfLogSnr(alphaBar);
    const h = halfLogSnr(alphaBarNext) - lambda;
    const keep = Math.sqrt((1 - alphaBarNext) / (1 - alphaBar));
    const gain = -Math.sqrt(alphaBarNext) * Math.expm1(-h);
    if (previous === undefined || isLast) {
      return x.map((value, i) => keep * value + gain * clean[i]!);
    }
    // 1 / (2 r), written so that h = 0 (a step to the same level) extrapolates nothing.
    const slope = h / (2 * (lambda - halfLogSnr(previous.alphaBar)));
    return x.map((value, i) => {
      const current = clean[i]!;
      return keep * value + gain * (current + slope * (current - previous.clean[i]!));
    });
  },
};
