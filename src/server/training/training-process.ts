/** The process that trains: a long run of its sessions holds nothing up but itself. */
import { errorMessage } from '../../errors.js';
import { parseTrainingConfig } from '../../inversion/training-tasks.js';
import { TrainingRecord } from '../../inversion/training-record.js';
import { train } from '../../training/trainer.js';
import type { TrainingNews, TrainingOrder } from './training-messages.js';

const stop = new AbortController();
/** A server that has gone hears nothing; the checkpoint is there for the next one. */
const tell = (news: TrainingNews): void => {
  if (process.connected) process.send!(news);
};

process.once('disconnect', () => stop.abort());
// Ctrl-C in a terminal reaches all processes: the server says what becomes of this one.
process.on('SIGINT', () => undefined);
process.once('message', (order: TrainingOrder) => {
  process.on('message', () => stop.abort());
  void run(order)
    .then(
      () => tell({ type: 'ended' }),
      (error: unknown) => tell({ type: 'failed', error: errorMessage(error) }),
    )
    .finally(() => process.connected && process.disconnect());
});

async function run({ directory, config: value, resume, session }: TrainingOrder): Promise<void> {
  const config = await parseTrainingConfig(value, 'this run');
  const record = new TrainingRecord(config);
  const task = await config.open({ session, record: () => record.toJson() });
  await train(task, config.trainer, {
    directory,
    taskConfig: config.task,
    resume,
    signal: stop.signal,
    onStart: (status) => {
      record.status = status;
      tell({ type: 'started', step: status.step });
    },
    onStep: (status) => {
      record.status = status;
      const { step, imagesPerSecond, secondsLeft } = status;
      tell({ type: 'step', step, imagesPerSecond, secondsLeft });
    },
    onValidation: (status) => (record.status = status),
  });
}
