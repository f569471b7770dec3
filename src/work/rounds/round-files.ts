/** Names of what a run in rounds keeps in its folder of results. */

/** What a worker takes from one round into the next: AdamW's moments (PyTorch's names) and the moving average. */
export type WorkerTensors = 'exp-avg' | 'exp-avg-sq' | 'ema';

export const folderOf = (round: number): string => `round-${String(round).padStart(4, '0')}`;

export const weightsName = (round: number): string => `${folderOf(round)}/weights.safetensors`;

export const momentumName = (round: number): string => `${folderOf(round)}/momentum.safetensors`;

/** `weights` and `delta` are what a worker hands in for the outer step. */
export const workerFile = (
  round: number,
  worker: number,
  what: WorkerTensors | 'weights' | 'delta',
): string => `${folderOf(round)}/worker-${worker}.${what}.safetensors`;

/** Means of loss and the like over a worker's steps. */
export const meansName = (round: number, worker: number): string =>
  `${folderOf(round)}/worker-${worker}.json`;
