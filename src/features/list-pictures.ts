/** Pictures of files, folders and tar archives as one list. */
import path from 'node:path';
import { InputError } from '../errors.js';
import { isPictureName, listFiles } from '../images/list-images.js';
import { readTarMembers, type TarMember } from './tar-members.js';

/** A part of a file, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly size: number;
}

/** Where a picture is; it is read when its turn comes. */
export interface PictureEntry {
  /** In messages and indexes: a path, or that of the archive and the member, `shard-0000.tar/cat.jpg`. */
  readonly name: string;
  readonly file: string;
  /** Where it lies in an archive; without it the file is the picture. */
  readonly range?: ByteRange;
  /** `.cls` and `.json` of the same key beside it in the archive, as in WebDataset. */
  readonly beside?: Readonly<Partial<Record<'cls' | 'json', ByteRange>>>;
}

const isTarName = (name: string): boolean => /\.tar$/i.test(name);

/** More files than any set of shards has. */
const MOST_SHARDS = 100_000;

/**
 * The pictures of several places in order: files, folders with their sub-folders, tar archives, and names of archives
 * with braces, `shard-{0000..0099}.tar`. Throws InputError for a place that is not there or holds none. What is wrong
 * within an archive goes to `onDamage`, and the pictures before are listed. A file that is given twice counts once.
 */
export async function listPictures(
  places: readonly string[],
  onDamage: (error: InputError) => void,
): Promise<PictureEntry[]> {
  const entries: PictureEntry[] = [];
  const listed = new Set<string>();
  for (const place of places.flatMap(expandBraces)) {
    const files = await listFiles(place, (name) => isPictureName(name) || isTarName(name));
    const before = entries.length;
    let isDamaged = false;
    let isRepeated = false;
    for (const file of files) {
      isRepeated ||= listed.has(path.resolve(file));
      if (listed.has(path.resolve(file))) continue;
      listed.add(path.resolve(file));
      if (!isTarName(file)) {
        entries.push({ name: file, file });
        continue;
      }
      const { members, damage } = readTarMembers(file);
      for (const entry of picturesOf(file, members)) entries.push(entry);
      if (damage) onDamage(damage);
      isDamaged ||= damage !== undefined;
    }
    if (entries.length === before && !isDamaged && !isRepeated) {
      throw new InputError(
        `${place} holds no pictures; JPEG, PNG, WebP, GIF, TIFF and AVIF are read, also in tar archives`,
      );
    }
  }
  return entries;
}

/** Members that belong together follow one another: their names are equal up to the first dot of the last part. */
function picturesOf(file: string, members: readonly TarMember[]): PictureEntry[] {
  const entries: PictureEntry[] = [];
  for (let start = 0, end = 0; start < members.length; start = end) {
    const key = keyOf(members[start]!.name);
    while (end < members.length && keyOf(members[end]!.name) === key) end++;
    const group = members.slice(start, end);
    const cls = group.find(({ name }) => name === `${key}.cls`);
    const json = group.find(({ name }) => name === `${key}.json`);
    const beside = { ...(cls && { cls: rangeOf(cls) }), ...(json && { json: rangeOf(json) }) };
    for (const member of group) {
      if (!isPictureName(member.name)) continue;
      entries.push({
        name: `${file}/${member.name}`,
        file,
        range: rangeOf(member),
        ...(Object.keys(beside).length > 0 && { beside }),
      });
    }
  }
  return entries;
}

const keyOf = (name: string): string => /^(?:.*\/)?[^/.]*/.exec(name)![0];

const rangeOf = ({ offset, size }: TarMember): ByteRange => ({ offset, size });

/** `a-{00..02}.tar` → `a-00.tar`, `a-01.tar`, `a-02.tar`, for any number of braces. */
export function expandBraces(place: string): string[] {
  const found = /^(.*?)\{(\d+)\.\.(\d+)\}(.*)$/s.exec(place);
  if (!found) return [place];
  const [, head, first, last, tail] = found as unknown as [string, string, string, string, string];
  const count = Number(last) - Number(first) + 1;
  if (!(count >= 1 && count <= MOST_SHARDS)) {
    throw new InputError(
      `{${first}..${last}} in ${place} must go from a number to a larger one, over at most ${MOST_SHARDS} files`,
    );
  }
  const rests = expandBraces(tail);
  return Array.from({ length: count }, (_, i) =>
    String(Number(first) + i).padStart(first.length, '0'),
  ).flatMap((number) => rests.map((rest) => `${head}${number}${rest}`));
}
