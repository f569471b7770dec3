/** A simulation of training in rounds: how long it takes with stragglers and with machines that are lost. */
import { Random } from '../../src/random.js';

/** Times in seconds. */
export interface SimulatedRun {
  readonly rounds: number;
  /** Parts of a round beside its average. */
  readonly workers: number;
  /** They take one part at a time. */
  readonly machines: number;
  /** Of the steps of a part, on average. */
  readonly stepsSeconds: number;
  /** Standard deviation of the logarithm of what a part takes. */
  readonly straggling: number;
  /** Of a part besides its steps: being handed out, reading, checking, writing. */
  readonly overheadSeconds: number;
  /** Of the average that ends a round. */
  readonly averageSeconds: number;
  /** Until a machine has opened its models; the first one does so for the initial weights, before all else. */
  readonly openSeconds: number;
  /** Between two losses of a machine, on average; null for machines that are never lost. */
  readonly secondsBetweenLosses: number | null;
  /** Until the part of a lost machine is handed out again. */
  readonly noticeSeconds: number;
  /** Until another machine stands in a lost one's place. */
  readonly replaceSeconds: number;
  readonly seed: number;
}

export interface SimulatedResult {
  readonly seconds: number;
  /** Machines lost in the middle of a part. */
  readonly lost: number;
  /** Share of the machines' time that went into steps that count. */
  readonly utilisation: number;
}

/**
 * Parts of a round wait in a row and go to whichever machine is free first. A machine that is lost during a part wastes
 * what it did: the part waits again once that is noticed, the machine is away until it is replaced. The same seed gives
 * the same result.
 */
export function simulateRounds(run: SimulatedRun): SimulatedResult {
  const random = new Random(run.seed);
  const machines = Array.from({ length: run.machines }, (_, i) => ({ freeAt: 0, isOpen: i === 0 }));
  let now = run.openSeconds;
  let lost = 0;
  let useful = 0;
  for (let round = 0; round < run.rounds; round++) {
    const begun = now;
    /** When each part that is to be done may begin. */
    const waiting = Array.from({ length: run.workers }, () => begun);
    while (waiting.length > 0) {
      const readyAt = waiting.splice(waiting.indexOf(Math.min(...waiting)), 1)[0]!;
      const machine = machines.reduce((first, other) =>
        other.freeAt < first.freeAt ? other : first,
      );
      const start = Math.max(readyAt, begun, machine.freeAt);
      const steps = run.stepsSeconds * slowness(run, random);
      const seconds = steps + run.overheadSeconds + (machine.isOpen ? 0 : run.openSeconds);
      const untilLoss = timeToLoss(run, random);
      if (untilLoss < seconds) {
        lost += 1;
        waiting.push(start + untilLoss + run.noticeSeconds);
        machine.freeAt = start + untilLoss + run.replaceSeconds;
        machine.isOpen = false;
      } else {
        useful += steps;
        machine.freeAt = start + seconds;
        machine.isOpen = true;
        now = Math.max(now, machine.freeAt);
      }
    }
    now += run.averageSeconds;
  }
  return { seconds: now, lost, utilisation: useful / (now * run.machines) };
}

/** Log-normal with mean 1: exp(σ z − σ² / 2). */
function slowness({ straggling }: SimulatedRun, random: Random): number {
  return Math.exp(straggling * random.normal() - straggling ** 2 / 2);
}

/** Exponential: machines do not age. */
function timeToLoss({ secondsBetweenLosses }: SimulatedRun, random: Random): number {
  return secondsBetweenLosses === null
    ? Infinity
    : -secondsBetweenLosses * Math.log(1 - random.uniform());
}
