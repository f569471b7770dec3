import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { WorkError } from '../errors.js';
import type { Order } from './order.js';
import { WORKER_SETTINGS, type Answer, type WorkerSettings } from './worker-settings.js';

/** Computes in a process of its own, which begins with the first order and again after it has died. */
export class ComputingProcess {
  private child: ChildProcess | undefined;

  constructor(private readonly settings: WorkerSettings) {}

  /** One order at a time. Throws WorkError where the process dies. */
  do(order: Order): Promise<Answer> {
    const child = (this.child ??= this.start());
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null): void => {
        const how = signal ?? `exit code ${code}`;
        reject(new WorkError(`the process that computed it died (${how})`));
      };
      child.once('exit', onExit);
      child.once('message', (answer) => {
        child.off('exit', onExit);
        resolve(answer as Answer);
      });
      // Where it cannot be sent, the process is dead, and `exit` tells how it died.
      child.send(order, () => undefined);
    });
  }

  async stop(): Promise<void> {
    const child = this.child;
    if (!child) return;
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
  }

  private start(): ChildProcess {
    const child = fork(new URL('./worker-process.js', import.meta.url), {
      // Ctrl-C in a terminal goes to a whole group: this one is to finish its job.
      detached: true,
      env: { ...withoutQueue(process.env), [WORKER_SETTINGS]: JSON.stringify(this.settings) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('exit', () => (this.child = undefined));
    return child;
  }
}

/** It has nothing to do with the queue, and does not learn its password. */
function withoutQueue(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(environment).filter((name) => !name.startsWith('FEATINV_QUEUE'));
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
