/** The tree of commander's commands: options and help of the one that is called, names of the others. */
import { Command, Help, type Option } from 'commander';

import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { calledCommand } from './called-command.js';
import { COMMON_OPTIONS, type CommonOptions, outputOption } from './common-options.js';
import type { CliCommand } from './command.js';
import { CommandContext } from './context.js';
import { packageVersion } from './package-version.js';
import { requireDevice } from './try-device.js';
import { COMMAND_GROUPS, type RegisteredCommand } from './registry.js';

export async function buildProgram(
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
  const called = calledCommand(args, commands);
  for (const registered of commands) {
    const { name, summary, load } = registered;
    const words = name.split(' ');
    const parent = words.length === 1 ? program : group(program, words[0]!, commands);
    const command = parent.command(words.at(-1)!).summary(summary).description(summary);
    // Only the command that is called is loaded; the others are there for help and suggestions.
    if (registered === called) configure(command, (await load()).command, onStart);
  }
  // After the groups have copied the settings of their parent: only the first list names all commands.
  program.configureHelp({ visibleCommands, subcommandTerm });
  const firstWords = commands.map(({ name }) => name.split(' ')[0]!);
  program.action(() =>
    helpOrSuggest(program, [...firstWords, ...commands.map(({ name }) => name)]),
  );
  return program.allowExcessArguments();
}

/** The parent of two-word commands, made where it is missing. */
function group(program: Command, word: string, commands: readonly RegisteredCommand[]): Command {
  const known = program.commands.find((command) => command.name() === word);
  if (known !== undefined) return known;
  const members = commands.map(({ name }) => name).filter((name) => name.startsWith(`${word} `));
  const made = program
    .command(word)
    .description(COMMAND_GROUPS[word] ?? '')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', `\nfeatinv ${word} COMMAND --help explains a command, with examples.`)
    .allowExcessArguments();
  return made.action(() => helpOrSuggest(made, members));
}

/** What a line without a known command gets: help where it names none, else the nearest name. */
function helpOrSuggest(parent: Command, names: readonly string[]): void {
  const word = parent.args[0];
  if (word === undefined) return parent.outputHelp();
  const wanted = path(parent, word);
  const near = nearest(wanted, names);
  throw new InputError(
    `there is no command "${wanted}"; ` +
      (near === undefined
        ? `${`featinv ${path(parent)}`.trim()} --help lists them all`
        : `did you mean "featinv ${near}"?`),
  );
}

/** Words after `featinv`. */
function path(command: Command, ...more: string[]): string {
  const words = more;
  for (let at = command; at.parent !== null; at = at.parent) words.unshift(at.name());
  return words.join(' ');
}

/** Two-word commands in place of their groups. */
function visibleCommands(this: Help, parent: Command): Command[] {
  return Help.prototype.visibleCommands
    .call(this, parent)
    .flatMap((command) => (command.commands.length === 0 ? command : [...command.commands]));
}

/** With the group's word in front. */
function subcommandTerm(this: Help, command: Command): string {
  const ofGroup = command.parent?.parent ? `${command.parent.name()} ` : '';
  return ofGroup + Help.prototype.subcommandTerm.call(this, command);
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
    await requireDevice(context.common.device);
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
