import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorMessage, InputError, WorkError } from '../errors.js';
import { featinvHome } from '../featinv-home.js';
import { ensureWritableDirectory } from '../files.js';
import type { SessionOptions } from '../runtime/session.js';
import type { CommonOptions } from './common-options.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';
import { Progress, type ProgressOptions } from './progress.js';
import { tellSupervisor } from './supervisor.js';

/** What a running command may use of the world outside: options, stdout, stderr, interruption. */
export class CommandContext {
  private active: Progress | undefined;
  private controller: AbortController | undefined;
  private failureCode = 0;
  /** What an interruption at this moment would leave, and how to go on. */
  kept: string | undefined;

  constructor(readonly common: CommonOptions) {}

  /** How the sessions of this command compute. */
  get session(): SessionOptions {
    const { threads, device, memory } = this.common;
    return { threads, device, memory, cache: path.join(featinvHome(), 'compiled') };
  }

  /** Prints the command's result: `value` as JSON under `--json`, else the text. Call it once. */
  report(value: unknown, text: string | (() => string)): void {
    this.active?.clear();
    const output = this.common.json
      ? JSON.stringify(value, null, 2)
      : typeof text === 'string'
        ? text
        : text();
    if (output !== '') process.stdout.write(`${output}\n`);
  }

  /** One line for the person at the terminal, on stderr. */
  note(line: string): void {
    if (this.active) this.active.log(line);
    else process.stderr.write(`${line}\n`);
  }

  /** Progress on stderr; finish it, or begin another, when the work is done. */
  progress(label: string, options: ProgressOptions): Progress {
    this.active?.clear();
    this.active = new Progress(process.stderr, label, options);
    return this.active;
  }

  /**
   * Does `work` for each item in order. An InputError or WorkError of one is printed and decides the
   * exit code in the end, the others are still done. Results come in the order of the items.
   */
  async eachInput<Item, Result>(
    items: readonly Item[],
    work: (item: Item, index: number) => Promise<Result>,
  ): Promise<Result[]> {
    const results: Result[] = [];
    for (const [index, item] of items.entries()) {
      try {
        results.push(await work(item, index));
      } catch (error) {
        if (!(error instanceof InputError || error instanceof WorkError)) throw error;
        this.fail(error);
      }
    }
    return results;
  }

  /** Prints an error of one part of the work and goes on; the exit code will tell. */
  fail(error: InputError | WorkError): void {
    this.note(`featinv: ${errorMessage(error)}`);
    if (this.common.debug && error.stack !== undefined) this.note(error.stack);
    this.failureCode = Math.max(this.failureCode, error instanceof InputError ? 2 : 1);
  }

  /** `--out` or the fallback as a directory that exists and can be written to. */
  async outputDirectory(fallback: string): Promise<string> {
    const directory = this.common.out ?? fallback;
    await ensureWritableDirectory(directory, '--out');
    return directory;
  }

  /** A folder for the time of the command; it goes with the process, however that ends. */
  async temporaryDirectory(): Promise<string> {
    const directory = await mkdtemp(path.join(tmpdir(), 'featinv-'));
    tellSupervisor({ temporary: directory });
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  /** Says what an interruption from now on leaves, and how to go on. */
  keep(sentence: string): void {
    this.kept = sentence;
    tellSupervisor({ kept: sentence });
  }

  /** `keep` for a command that writes the results of one input after another. */
  keepDone(done: number, total: number, directory: string): void {
    this.keep(
      done === 0
        ? `nothing of ${total} inputs is done yet; give the command again`
        : `${done} of ${total} inputs are done, in ${directory}; give the others to go on`,
    );
  }

  /**
   * Aborted by Ctrl-C or SIGTERM. Asking for it takes over the duty to stop, within half a second unless `isPatient`:
   * then the user is told that a second signal ends the command at once.
   */
  abortSignal({ isPatient = false } = {}): AbortSignal {
    this.controller ??= new AbortController();
    if (isPatient) tellSupervisor({ isPatient });
    return this.controller.signal;
  }

  /** Tells the command to stop; false when it does not listen or has been told before. */
  interrupt(): boolean {
    this.active?.clear();
    if (!this.controller || this.controller.signal.aborted) return false;
    this.controller.abort();
    return true;
  }

  /** Takes progress off the terminal and gives the exit code of the work so far. */
  close(): number {
    this.active?.clear();
    return this.controller?.signal.aborted ? EXIT_INTERRUPTED : this.failureCode;
  }
}
