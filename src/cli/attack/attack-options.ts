import { fgsm, type AttackOptions } from '../../robustness/adversary.js';
import { findClass } from '../../robustness/find-class.js';

/** What the command line says of an attack. */
export interface GivenAttack {
  readonly method: 'pgd' | 'fgsm';
  readonly norm: AttackOptions['norm'];
  readonly epsilon: number | undefined;
  readonly attackSteps: number;
  readonly target: string | undefined;
  readonly randomStart: boolean;
}

/** The attack on a classifier with these class names. Throws InputError for an unknown target. */
export function attackOptions(
  labels: readonly string[],
  given: GivenAttack,
  seed: number,
): AttackOptions {
  const { method, norm, attackSteps, randomStart } = given;
  const epsilon = given.epsilon ?? (norm === 'linf' ? 8 / 255 : 1);
  const target = given.target === undefined ? undefined : findClass(labels, given.target);
  const steps = method === 'fgsm' ? { steps: 1, stepSize: epsilon } : { steps: attackSteps };
  return {
    ...(method === 'fgsm' && norm === 'linf' ? fgsm(epsilon) : { norm, epsilon, ...steps }),
    ...(target !== undefined && { target }),
    ...(randomStart && { seed }),
  };
}

/** For people, in one line. */
export function describeAttack({ norm, epsilon, steps, target, seed }: AttackOptions): string {
  const size =
    norm === 'linf'
      ? `values changed by at most ${Number((255 * epsilon).toFixed(2))} of 255`
      : `a change of Euclidean length ${epsilon} at most`;
  return [
    size,
    steps === 1 ? 'one step' : `${steps} steps`,
    ...(target === undefined ? [] : [`towards class ${target}`]),
    ...(seed === undefined ? [] : [`random start ${seed}`]),
  ].join(', ');
}
