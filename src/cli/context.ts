import { errorMessage, InputError, WorkError } from '../errors.js';
import { ensureWritableDirectory } from '../files.js';
import type { SessionOptions } from '../runtime/session.js';
import type { CommonOptions } from './common-options.js';
import { Progress, type ProgressOptions } from './progress.js';

/** The shell's convention for work that Ctrl-C has ended. */
export const EXIT_INTERRUPTED = 130;

/** What a running command may use of the world outside: options, stdout, stderr, interruption. */
export class CommandContext {
  private active: Progress | undefined;
  private controller: AbortController | undefined;
  private failureCode = 0;

  constructor(readonly common: CommonOptions) {}

  /** How the sessions of this command compute. */
  get session(): SessionOptions {
    const { threads, device, memory } = this.common;
    return { threads, device, memory };
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

  /** Aborted by Ctrl-C or SIGTERM. Asking for it takes over the duty to stop soon. */
  abortSignal(): AbortSignal {
    this.controller ??= new AbortController();
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
