/** Hours and money for the paper's training, from a model of what a round costs. */
import { simulateRounds } from './simulate-rounds.js';

/** What the plan rests on. */
export interface PlanAssumptions {
  /** Floating-point operations of a training step for one picture. */
  readonly flopsPerPicture: number;
  readonly pictures: number;
  /** Of a worker's step. */
  readonly batch: number;
  readonly innerSteps: number;
  /** Of one copy of the trained weights, in single precision. */
  readonly weightBytes: number;
  /** Size of what a worker hands in, in copies of the weights: 1, or 0.5 in half precision. */
  readonly delta: number;
  /** Size of what a worker takes from round to round, in copies of the weights: 2 for AdamW's moments. */
  readonly state: number;
  /** Operations a second that a GPU really does. */
  readonly flopsPerSecond: number;
  /** Between a machine and the storage. */
  readonly bytesPerSecond: number;
  readonly dollarsPerHour: number;
  readonly straggling: number;
  readonly secondsBetweenLosses: number;
  readonly noticeSeconds: number;
  readonly replaceSeconds: number;
}

export interface Plan {
  readonly gpus: number;
  readonly rounds: number;
  readonly hours: number;
  readonly dollars: number;
  /** Share of the time in which GPUs compute steps that count. */
  readonly utilisation: number;
  readonly lost: number;
  /** Through the storage in a round, by all machines together. */
  readonly bytesPerRound: number;
  /** Less than sending gradients up and weights down in each step, by this factor. */
  readonly trafficSaved: number;
}

/** Bytes through the storage in a round: of each worker, and of the machine that averages. */
export function roundBytes(
  workers: number,
  { weightBytes, delta, state }: Pick<PlanAssumptions, 'weightBytes' | 'delta' | 'state'>,
): { worker: number; average: number } {
  return {
    worker: weightBytes * (1 + delta + 2 * state),
    // Weights and momentum before and after, and what the workers have handed in.
    average: weightBytes * (4 + workers * delta),
  };
}

/** One worker on each GPU; all of them together see `pictures`, in steps of `batch`. */
export function planTraining(gpus: number, assumptions: PlanAssumptions): Plan {
  const { pictures, batch, innerSteps, flopsPerPicture, flopsPerSecond } = assumptions;
  const { bytesPerSecond, weightBytes, dollarsPerHour } = assumptions;
  const rounds = Math.ceil(pictures / (batch * innerSteps * gpus));
  const { worker, average } = roundBytes(gpus, assumptions);
  const { seconds, lost, utilisation } = simulateRounds({
    ...{ ...assumptions, rounds, workers: gpus, machines: gpus, seed: 1 },
    stepsSeconds: (innerSteps * batch * flopsPerPicture) / flopsPerSecond,
    overheadSeconds: worker / bytesPerSecond,
    averageSeconds: average / bytesPerSecond,
    openSeconds: OPEN_SECONDS,
  });
  const bytesPerRound = gpus * worker + average;
  const hours = seconds / 3600;
  return {
    ...{ gpus, rounds, hours, utilisation, lost, bytesPerRound },
    dollars: hours * gpus * dollarsPerHour,
    trafficSaved: (2 * gpus * weightBytes * innerSteps) / bytesPerRound,
  };
}

/** Models of full size are opened and compiled in about so long. */
const OPEN_SECONDS = 120;
