import type { TrainerConfig } from './config.js';
import { DeviceState } from './device-state.js';
import { HostState } from './host-state.js';
import { LoopState } from './loop-state.js';
import type { TrainingTask } from './task.js';
import type { TrainingState } from './training-state.js';

/** Results of CUDA return to the host after every run: one run takes several steps. */
const CUDA_STEPS = 8;

/** Training where the task computes. `momentsSince`: steps that were done before the moments began. */
export async function openTrainingState(
  task: TrainingTask,
  config: TrainerConfig,
  momentsSince = 0,
): Promise<TrainingState> {
  const { parameters, device, traced } = task;
  const isCuda = traced?.session.device === 'cuda';
  const stepsPerRun = config.stepsPerRun ?? (isCuda ? CUDA_STEPS : 1);
  if (traced && (isCuda || stepsPerRun > 1)) {
    return LoopState.open(traced, parameters, config, stepsPerRun, momentsSince);
  }
  return device === undefined
    ? new HostState(task, config, momentsSince)
    : DeviceState.open(device, parameters, config, momentsSince);
}
