import { Command, CommanderError, type Option } from 'commander';

import { errorMessage, InputError, WorkError } from '../errors.js';
import { COMMON_OPTIONS, type CommonOptions, outputOption } from './common-options.js';
import type { CliCommand } from './command.js';
import { CommandContext, EXIT_INTERRUPTED } from './context.js';
import { nearest } from '../nearest.js';
import { packageVersion } from './package-version.js';
import { COMMANDS, type RegisteredCommand } from './registry.js';

/** Runs one command line (without `node` and the script) and resolves to the exit code. */
export async function runCli(
  args: readonly string[],
  commands: readonly RegisteredCommand[] = COMMANDS,
): Promise<number> {
  const debug = args.includes('--debug');
  let context: CommandContext | undefined;
  const stopListening = onInterrupt(() => context?.interrupt() ?? false);
  try {
    const program = await buildProgram(args, commands, (started) => (context = started));
    await program.parseAsync(args, { from: 'user' });
    return context?.close() ?? 0;
  } catch (error) {
    context?.close();
    return explain(error, debug, commands.find(({ name }) => args.includes(name))?.name);
  } finally {
    stopListening();
  }
}

async function buildProgram(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
  onStart: (context: CommandContext) => void,
): Promise<Command> {
  const program = new Command('featinv')
    .description('See what an image classifier sees: natural images that match its feature maps.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', '\nfeatinv COMMAND --help explains a command, with examples.')
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  for (const { name, summary, load } of commands) {
    const subcommand = program.command(name).summary(summary).description(summary);
    // Only the command that is called is loaded; the others are there for help and suggestions.
    if (args.includes(name)) configure(subcommand, (await load()).command, onStart);
  }
  program.action(() => {
    const name = program.args[0];
    if (name === undefined) return program.outputHelp();
    const near = nearest(
      name,
      commands.map((command) => command.name),
    );
    throw new InputError(
      `there is no command "${name}"; ` +
        (near === undefined ? 'featinv --help lists them all' : `did you mean "featinv ${near}"?`),
    );
  });
  return program.allowExcessArguments();
}

function configure(
  subcommand: Command,
  command: CliCommand,
  onStart: (context: CommandContext) => void,
): void {
  if (command.description) subcommand.description(command.description);
  if (command.positionals) subcommand.arguments(command.positionals);
  for (const option of command.options) subcommand.addOption(option);
  subcommand.optionsGroup('Common options:');
  for (const option of commonOptions(command)) subcommand.addOption(option);
  subcommand.addHelpText(
    'after',
    `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`,
  );
  subcommand.action(async () => {
    const values = optionValues(subcommand);
    const context = new CommandContext({ out: undefined, ...values } as unknown as CommonOptions);
    onStart(context);
    await command.run(subcommand.args, values, context);
  });
}

/** Values by attribute name; a switch that is not given is false. */
function optionValues(subcommand: Command): Record<string, unknown> {
  const switches = subcommand.options.filter((option) => option.isBoolean());
  return {
    ...Object.fromEntries(switches.map((option) => [option.attributeName(), false])),
    ...subcommand.opts<Record<string, unknown>>(),
  };
}

function commonOptions(command: CliCommand): Option[] {
  const common = Object.values(COMMON_OPTIONS).map(({ option }) => option);
  return command.writes ? [...common, outputOption(command.writes).option] : common;
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

/** Ends the process at Ctrl-C or SIGTERM unless the command stops by itself; gives an undo. */
function onInterrupt(interrupt: () => boolean): () => void {
  const listener = (): void => {
    if (!interrupt()) {
      process.stderr.write('featinv: interrupted\n');
      process.exit(EXIT_INTERRUPTED);
    }
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return () => process.off('SIGINT', listener).off('SIGTERM', listener);
}
