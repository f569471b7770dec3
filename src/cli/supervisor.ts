/** A computing process's side of its supervisor; see supervise.ts. */

/** Set for a process that has a supervisor; not passed on to processes of its own. */
export const SUPERVISED = 'FEATINV_SUPERVISED';

/** What the supervisor is told. */
export interface SupervisorNews {
  /** What an interruption at this moment would leave, and how to go on. */
  readonly kept?: string;
  /** The command ends by itself, however long that takes. */
  readonly isPatient?: boolean;
  /** A folder to remove where the process cannot do it. */
  readonly temporary?: string;
}

/** What the supervisor says at a signal. */
export const INTERRUPT = 'interrupt';

const isSupervised = process.env[SUPERVISED] !== undefined;
delete process.env[SUPERVISED];

export function hasSupervisor(): boolean {
  return isSupervised;
}

export function tellSupervisor(news: SupervisorNews): void {
  if (isSupervised && process.connected) process.send!(news);
}

/** Calls `listener` when the user wants the command to end; gives an undo. */
export function onInterrupt(listener: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  if (!isSupervised) {
    for (const signal of signals) process.on(signal, listener);
    return () => signals.forEach((signal) => process.off(signal, listener));
  }
  // Signals go to all processes of a terminal or a service: the supervisor says what they mean.
  const ignore = (): void => undefined;
  const hear = (message: unknown): void => {
    if (message === INTERRUPT) listener();
  };
  // Whoever ended the supervisor the hard way meant the command.
  const follow = (): void => void process.kill(process.pid, 'SIGKILL');
  for (const signal of signals) process.on(signal, ignore);
  process.on('message', hear).on('disconnect', follow);
  process.channel?.unref();
  return () => {
    for (const signal of signals) process.off(signal, ignore);
    process.off('message', hear).off('disconnect', follow);
  };
}
