import type { RegisteredCommand } from './registry.js';

/** The command that a line calls or asks help for. */
export function calledCommand(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
): RegisteredCommand | undefined {
  const words = commandWords(args);
  return commands.find(({ name }) => name.split(' ').every((word, i) => words[i] === word));
}

/** As much of a line as names a command or a group of them: `concepts fit`, `concepts`, or nothing. */
export function calledName(
  args: readonly string[],
  commands: readonly RegisteredCommand[],
): string | undefined {
  const called = calledCommand(args, commands);
  if (called !== undefined) return called.name;
  const [first] = commandWords(args);
  return commands.some(({ name }) => name.startsWith(`${first} `)) ? first : undefined;
}

/** A command's words come before all other arguments, only `help` may stand between them. */
function commandWords(args: readonly string[]): string[] {
  return args.filter((arg) => !arg.startsWith('-') && arg !== 'help');
}
