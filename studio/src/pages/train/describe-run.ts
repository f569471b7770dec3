import type { TrainingRunInfo } from '../../../../src/server/api.js';

/** Where a run stands, in a line. */
export function describeState({ state, step, steps, isOwn }: TrainingRunInfo): string {
  const of = `step ${step} of ${steps}`;
  switch (state) {
    case 'starting':
      return 'Opening models and data …';
    case 'running':
      return `Running, ${of}`;
    case 'elsewhere':
      return `Running in a terminal, ${of}`;
    case 'pausing':
      return `Pausing, ${of}`;
    case 'paused':
      return `${isOwn ? 'Paused' : 'Stopped'} at ${of}`;
    case 'finished':
      return `Finished, ${steps} steps`;
    case 'failed':
      return `Failed at ${of}`;
  }
}

/** "1 min 20 s" */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
