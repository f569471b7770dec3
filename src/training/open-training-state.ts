import type { TrainerConfig } from './config.js';
import { DeviceState } from './device-state.js';
import { HostState } from './host-state.js';
import type { TrainingTask } from './task.js';
import type { TrainingState } from './training-state.js';

/** Training where the task computes. `momentsSince`: steps that were done before the moments began. */
export async function openTrainingState(
  task: TrainingTask,
  config: TrainerConfig,
  momentsSince = 0,
): Promise<TrainingState> {
  return task.device === undefined
    ? new HostState(task, config, momentsSince)
    : DeviceState.open(task.device, task.parameters, config, momentsSince);
}
