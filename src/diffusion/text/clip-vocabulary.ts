/** The byte-pair vocabulary of CLIP (Radford et al. 2021), as the list of its merges. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot } from '../../package-root.js';

/**
 * Tokens in the order of their ids: 256 bytes, the same 256 at the end of a word, 48,894 merges of two
 * earlier tokens each, start and end of the text.
 */
export interface ClipVocabulary {
  /** Id of each byte inside a word; 256 more at its end. */
  readonly byteIds: readonly number[];
  /** The id that `left` and `right` merge to, if they do. An earlier merge has the smaller id. */
  merge(left: number, right: number): number | undefined;
}

export const VOCABULARY_SIZE = 49_408;
export const START_TOKEN = 49_406;
/** Also what a short text is filled up with. */
export const END_TOKEN = 49_407;

/** Added to the id of a byte that ends a word. */
export const WORD_END = 256;

const FIRST_MERGE = 2 * WORD_END;

let vocabulary: ClipVocabulary | undefined;

/** The shipped vocabulary, read when it is first asked for. */
export function clipVocabulary(): ClipVocabulary {
  vocabulary ??= parseMerges(
    gunzipSync(
      readFileSync(join(packageRoot(), 'models', 'text', 'clip-bpe', 'merges.txt.gz')),
    ).toString('utf8'),
  );
  return vocabulary;
}

/** `text`: one merge a line, two tokens and a space between, the earliest first. */
function parseMerges(text: string): ClipVocabulary {
  const order = byteOrder();
  const ids = new Map<string, number>();
  order.forEach((byte, id) => {
    ids.set(symbolOf(byte, order), id);
    ids.set(`${symbolOf(byte, order)}</w>`, id + WORD_END);
  });
  const merges = new Map<number, number>();
  for (const [rank, line] of text.trimEnd().split('\n').entries()) {
    const [left, right] = line.split(' ') as [string, string];
    ids.set(left + right, FIRST_MERGE + rank);
    merges.set(pairKey(ids.get(left)!, ids.get(right)!), FIRST_MERGE + rank);
  }
  const byteIds: number[] = [];
  order.forEach((byte, id) => (byteIds[byte] = id));
  return { byteIds, merge: (left, right) => merges.get(pairKey(left, right)) };
}

const pairKey = (left: number, right: number): number => left * 2 ** 16 + right;

/** Bytes that are visible characters of Latin-1 come first, then the others. */
function byteOrder(): number[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  return [...bytes.filter(isVisible), ...bytes.filter((byte) => !isVisible(byte))];
}

const isVisible = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);

/** How the list of merges writes a byte: itself, or for the invisible ones characters from U+0100 on. */
function symbolOf(byte: number, order: readonly number[]): string {
  if (isVisible(byte)) return String.fromCharCode(byte);
  return String.fromCharCode(0x100 + order.indexOf(byte) - order.findIndex((b) => !isVisible(b)));
}
