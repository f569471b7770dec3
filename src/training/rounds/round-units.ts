/**
 * The parts of a run in rounds, numbered: 0 writes the initial weights; round r (from 1) has one part for each worker
 * and then one that averages.
 */
export type RoundPart =
  | { readonly type: 'initial' }
  | { readonly type: 'inner'; readonly round: number; readonly worker: number }
  | { readonly type: 'outer'; readonly round: number };

export const innerUnit = (workers: number, round: number, worker: number): number =>
  1 + (round - 1) * (workers + 1) + worker;

/** The part after which the weights of `round` are there; round 0 has the initial ones. */
export const weightsUnit = (workers: number, round: number): number => round * (workers + 1);

export function partOf(workers: number, unit: number): RoundPart {
  if (unit === 0) return { type: 'initial' };
  const round = Math.ceil(unit / (workers + 1));
  if (unit === weightsUnit(workers, round)) return { type: 'outer', round };
  return { type: 'inner', round, worker: unit - innerUnit(workers, round, 0) };
}

/** Parts that follow one another: all of a stage need the stage before, and its last needs its others. */
export function roundStages(workers: number, rounds: number): number[][] {
  const ofRound = (_: unknown, i: number): number[] =>
    Array.from({ length: workers + 1 }, (_, worker) => innerUnit(workers, i + 1, worker));
  return [[0], ...Array.from({ length: rounds }, ofRound)];
}
