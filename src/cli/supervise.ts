/**
 * Commands that compute do so in a process below this one. A run of ONNX Runtime holds its thread until it is over,
 * with large models for minutes, and no JavaScript hears a signal meanwhile. This process hears it: it gives the
 * other one a moment to stop in order, then ends it. Files are written beside and renamed, so none is ever half there.
 */
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT_INTERRUPTED } from './exit-codes.js';
import { INTERRUPT, SUPERVISED, type SupervisorNews } from './supervisor.js';

/** From the signal to the end of a process that does not stop by itself. */
const GRACE_MS = 500;

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** Runs a command line in a process of its own; resolves to the exit code. */
export function supervise(args: readonly string[], entry = MAIN): Promise<number> {
  const child = fork(entry, args, { env: { ...process.env, [SUPERVISED]: '1' } });
  const temporaries: string[] = [];
  let kept: string | undefined;
  let isPatient = false;
  let isInterrupted = false;
  let isEnded = false;
  child.on('message', (news: SupervisorNews) => {
    kept = news.kept ?? kept;
    isPatient = news.isPatient ?? isPatient;
    if (news.temporary !== undefined) temporaries.push(news.temporary);
    // `node --watch` is told by its process which files it reads.
    process.send?.(news);
  });
  const end = (): void => {
    isEnded = true;
    child.kill('SIGKILL');
  };
  const onSignal = (): void => {
    if (isInterrupted) return end();
    isInterrupted = true;
    if (child.connected) child.send(INTERRUPT);
    setTimeout(() => {
      if (!isPatient) end();
      else say('stopping after the current step; interrupt once more to end at once', kept);
    }, GRACE_MS).unref();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      if (code !== null) return resolve(code);
      for (const folder of temporaries) rmSync(folder, { recursive: true, force: true });
      if (isEnded) {
        say('interrupted', kept);
        return resolve(EXIT_INTERRUPTED);
      }
      const hint = signal === 'SIGKILL' ? ', as systems do when memory runs out' : '';
      say(`the process that computes was ended by ${signal}${hint}`, kept);
      resolve(1);
    });
  });
}

function say(what: string, kept: string | undefined): void {
  const line = kept === undefined ? what : `${what}: ${kept}`;
  // Over a line of progress that may stand there.
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}featinv: ${line}\n`);
}
