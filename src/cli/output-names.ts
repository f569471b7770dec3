import path from 'node:path';

/**
 * One name for each file: its own without the ending, and where two would be the same (also where
 * upper and lower case do not count) a number behind the later one.
 */
export function uniqueStems(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const { name } = path.parse(file);
    let stem = name;
    for (let n = 2; taken.has(stem.toLowerCase()); n++) stem = `${name}-${n}`;
    taken.add(stem.toLowerCase());
    return stem;
  });
}

/** Text as part of a file name. */
export function fileNamePart(text: string): string {
  return text.replace(/[^\w.+-]+/g, '-');
}
