import { InputError } from '../errors.js';

/**
 * Probability that Student's t with `degrees` of freedom is at least as far from 0 as `t`, by the finite
 * sums for whole degrees (Abramowitz and Stegun 26.7.3 and 26.7.4); absolute error about 1e-15.
 */
export function studentTwoSided(t: number, degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new InputError(`student t: ${degrees} degrees of freedom; a whole number of at least 1`);
  }
  if (Number.isNaN(t)) throw new InputError('student t: the statistic is not a number');
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  // Odd: cos θ + 2/3 cos³ θ + …; even: 1 + 1/2 cos² θ + 1·3/(2·4) cos⁴ θ + …
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  const inside = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}
