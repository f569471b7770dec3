/** A process that works, ours or the peer's, spoken to in the lines of `protocol.ts`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { errorMessage, WorkError } from '../src/errors.js';
import { errorReplySchema, replySchemas, type Opened, type OpenRequest } from './protocol.js';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

export class WorkProcess {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** Starts the program and opens the work, which it then has done once. */
  static async open(
    name: string,
    [program, ...args]: Command,
    request: OpenRequest,
  ): Promise<{ process: WorkProcess; opened: Opened }> {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    // A program that is not there closes its pipe; `ask` then says what is missing.
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    const process = new WorkProcess(name, child);
    return { process, opened: await process.ask(request, replySchemas.open) };
  }

  /** Milliseconds of `times` runs, after `settle` others. */
  async run(times: number, settle: number): Promise<number[]> {
    return (await this.ask({ run: times, settle }, replySchemas.run)).milliseconds;
  }

  /** Ends the process; its peak memory in MB. */
  async end(): Promise<number> {
    const { peakRssMB } = await this.ask({ end: true }, replySchemas.end);
    this.child.stdin!.end();
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return peakRssMB;
  }

  /** Ends a process that is not needed any more, whatever it does. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  private async ask<Schema extends z.ZodType>(
    request: object,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value: line, done } = (await this.lines.next()) as IteratorResult<string, undefined>;
    if (done) {
      throw new WorkError(`the process of ${this.name} ended before it answered: see above`);
    }
    const reply = parseLine(this.name, line);
    const failed = errorReplySchema.safeParse(reply);
    if (failed.success) throw new WorkError(`${this.name} failed: ${failed.data.error}`);
    const parsed = schema.safeParse(reply);
    if (parsed.success) return parsed.data;
    throw new WorkError(`${this.name} gave an answer that is not one: ${line}`);
  }
}

function parseLine(name: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    const reason = errorMessage(error);
    throw new WorkError(`${name} gave an answer that is not JSON (${reason}): ${line}`);
  }
}
