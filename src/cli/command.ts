/**
 * How to add a command
 * 1. `src/cli/commands/<name>.ts` exports `command = defineCommand({ … })`: positional arguments,
 *    options (built by `optional`, `defaulted`, `required`, `flag` with the parsers of
 *    option-parsers.ts), examples, and `run`, whose `options` are typed from the declarations.
 * 2. One line in `src/cli/registry.ts`.
 * The common options come by themselves (`context.common`). In `run`: throw InputError (exit 2) or
 * WorkError (exit 1); `context.report(value, text)` once for the result; `context.progress(…)` for
 * progress; `context.eachInput(items, work)` when one bad input must not stop the others;
 * `context.outputDirectory(fallback)` for `--out`; `context.abortSignal()` only where an
 * interruption has to be finished in order (else Ctrl-C ends the process at once).
 */
import { Option } from 'commander';

import type { CommandContext } from './context.js';

/** Turns an option's text into a value; throws InputError that names `flag`. */
export type Parser<T> = (text: string, flag: string) => T;

export interface OptionSpec<T> {
  readonly option: Option;
  /** Never set: carries the type. */
  readonly value?: T;
}

// A record of options of any types.
export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: Specs[Key] extends OptionSpec<infer T> ? T : never;
};

/** What `--out` names, for commands that write. */
export type OutputKind = 'directory' | 'file';

export interface CommandDefinition<Specs extends OptionSpecs> {
  /** What the command does beyond its one-line summary. */
  readonly description?: string;
  /** Positional arguments in commander's syntax, such as `<images...>` or `[images...]`. */
  readonly positionals?: string;
  readonly options?: Specs;
  /** Adds `--out DIR` or `--out FILE`. */
  readonly writes?: OutputKind;
  /** Complete command lines for the help text. */
  readonly examples: readonly string[];
  readonly run: (invocation: {
    /** Positional arguments, flattened. */
    readonly args: readonly string[];
    readonly options: OptionValues<Specs>;
    readonly context: CommandContext;
  }) => Promise<void>;
}

/** A command as the program sees it: its options' types are settled inside. */
export interface CliCommand {
  readonly description: string | undefined;
  readonly positionals: string | undefined;
  readonly options: readonly Option[];
  readonly writes: OutputKind | undefined;
  readonly examples: readonly string[];
  readonly run: (
    args: readonly string[],
    values: Readonly<Record<string, unknown>>,
    context: CommandContext,
  ) => Promise<void>;
}

/** See the head of this file. */
export function defineCommand<Specs extends OptionSpecs = Record<never, never>>(
  definition: CommandDefinition<Specs>,
): CliCommand {
  const specs = Object.entries(definition.options ?? {});
  return {
    description: definition.description,
    positionals: definition.positionals,
    options: specs.map(([, spec]) => spec.option),
    writes: definition.writes,
    examples: definition.examples,
    run: (args, values, context) => {
      const options = Object.fromEntries(
        specs.map(([key, spec]) => [key, values[spec.option.attributeName()]]),
      ) as OptionValues<Specs>;
      return definition.run({ args, options, context });
    },
  };
}

/** `optional('--steps <n>', 'denoising steps', integer(1, 1000))`: undefined when not given. */
export function optional<T>(
  flags: string,
  description: string,
  parse: Parser<T>,
): OptionSpec<T | undefined> {
  return { option: parsedOption(flags, description, parse) };
}

/** An option with a default, which the help shows. */
export function defaulted<T>(
  flags: string,
  description: string,
  parse: Parser<T>,
  fallback: T,
): OptionSpec<T> {
  return { option: parsedOption(flags, description, parse).default(fallback) };
}

/** An option that must be given. */
export function required<T>(flags: string, description: string, parse: Parser<T>): OptionSpec<T> {
  return { option: parsedOption(flags, description, parse).makeOptionMandatory() };
}

/** A switch without a value, such as `--resume`. */
export function flag(flags: string, description: string): OptionSpec<boolean> {
  return { option: new Option(flags, description) };
}

function parsedOption<T>(flags: string, description: string, parse: Parser<T>): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => parse(text, option.long ?? flags));
}
