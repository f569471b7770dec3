/** A command line of featinv that can be pasted into a shell; flags without a value are left out. */
export function commandLine(
  words: readonly string[],
  flags: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${kebab(name)}`, String(value)],
  );
  return ['npx', 'featinv', ...words, ...given].map(quoted).join(' ');
}

const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const quoted = (word: string): string =>
  /^[\w./,:=+@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
