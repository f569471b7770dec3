import { CommanderError } from 'commander';

import { errorMessage, InputError, WorkError } from '../errors.js';
import { buildProgram } from './build-program.js';
import { calledName } from './called-command.js';
import type { CommandContext } from './context.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';
import { COMMANDS, type RegisteredCommand } from './registry.js';
import { onInterrupt } from './supervisor.js';

/** Runs one command line (without `node` and the script) and resolves to the exit code. */
export async function runCli(
  args: readonly string[],
  commands: readonly RegisteredCommand[] = COMMANDS,
): Promise<number> {
  const debug = args.includes('--debug');
  let context: CommandContext | undefined;
  const stopListening = onInterrupt(() => {
    if (context?.interrupt()) return;
    process.stderr.write(`featinv: ${['interrupted', context?.kept ?? []].flat().join(': ')}\n`);
    process.exit(EXIT_INTERRUPTED);
  });
  try {
    const program = await buildProgram(args, commands, (started) => (context = started));
    await program.parseAsync(args, { from: 'user' });
    return context?.close() ?? 0;
  } catch (error) {
    context?.close();
    return explain(error, debug, calledName(args, commands));
  } finally {
    stopListening();
  }
}

/** Prints what went wrong, one line first, and gives the exit code. */
function explain(error: unknown, debug: boolean, command: string | undefined): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    printError(usageSentence(error, command), error, debug);
    return 2;
  }
  if (error instanceof InputError || error instanceof WorkError) {
    printError(errorMessage(error), error, debug);
    return error instanceof InputError ? 2 : 1;
  }
  if (error instanceof Error && error.name === 'AbortError') {
    printError('interrupted', error, debug);
    return EXIT_INTERRUPTED;
  }
  const hint = debug ? '' : ' (this is a defect of featinv; --debug shows where)';
  printError(`${errorMessage(error)}${hint}`, error, debug);
  return 1;
}

/** Commander's message as one sentence that says where help is. */
function usageSentence(error: CommanderError, command: string | undefined): string {
  const text = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace('(Did you mean', '(did you mean')
    .replace(/\. Expected/, ', expected')
    .replace(/\.$/, '')
    .trim();
  return `${text}; see "featinv ${command === undefined ? '' : `${command} `}--help"`;
}

function printError(line: string, error: unknown, debug: boolean): void {
  process.stderr.write(`featinv: ${line}\n`);
  if (debug && error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
}
