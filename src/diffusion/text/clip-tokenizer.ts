/** CLIP's tokenizer (Radford et al. 2021), token for token that of transformers without ftfy. */
import {
  clipVocabulary,
  END_TOKEN,
  START_TOKEN,
  WORD_END,
  type ClipVocabulary,
} from './clip-vocabulary.js';

/** Tokens of every prompt, start, end and filling included. */
export const PROMPT_LENGTH = 77;

const SPECIAL_TOKENS: ReadonlyMap<string, number> = new Map([
  ['<|startoftext|>', START_TOKEN],
  ['<|endoftext|>', END_TOKEN],
]);

const SPECIAL = /(<\|startoftext\|>|<\|endoftext\|>)/;

/**
 * Special tokens, English contractions, runs of letters, single digits, runs of anything else. The
 * reference compares without regard to case: 's is also written with a long s, and U+0345, which has a
 * letter for its capital, belongs nowhere.
 */
const WORDS =
  /<\|startoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}\u0345]+/gu;

/** CJK ideographs, each of which is a word. */
const IDEOGRAPHS =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/** Control, format, private and unassigned characters, lone surrogates and U+FFFD vanish. */
const NO_TEXT = /[^\P{C}\t\n\r]|\ufffd/gu;

/**
 * The 77 token ids of a prompt: start, at most 75 tokens (the rest is cut off), end, and ends up to the
 * full length. Upper and lower case, composed and decomposed letters, and kinds of spaces are alike.
 */
export function tokenize(prompt: string): number[] {
  const vocabulary = clipVocabulary();
  const ids = prompt.split(SPECIAL).flatMap((part) => {
    const special = SPECIAL_TOKENS.get(part);
    return special === undefined ? wordTokens(part, vocabulary) : [special];
  });
  const tokens = [START_TOKEN, ...ids.slice(0, PROMPT_LENGTH - 2)];
  while (tokens.length < PROMPT_LENGTH) tokens.push(END_TOKEN);
  return tokens;
}

function wordTokens(text: string, vocabulary: ClipVocabulary): number[] {
  return (clean(text).match(WORDS) ?? []).flatMap(
    (word) => SPECIAL_TOKENS.get(word) ?? mergeBytes(word, vocabulary),
  );
}

function clean(text: string): string {
  return text
    .replace(NO_TEXT, '')
    .replace(IDEOGRAPHS, ' $& ')
    .normalize('NFC')
    .split(/\s+/)
    .map((word) => word.toLowerCase())
    .join(' ');
}

const utf8 = new TextEncoder();

/** Byte-pair encoding (Sennrich et al. 2016): merges the earliest learned pair until none is left. */
function mergeBytes(word: string, vocabulary: ClipVocabulary): number[] {
  let ids = Array.from(utf8.encode(word), (byte) => vocabulary.byteIds[byte]!);
  ids[ids.length - 1]! += WORD_END;
  for (;;) {
    const merged = ids.slice(1).map((right, i) => vocabulary.merge(ids[i]!, right) ?? Infinity);
    const first = merged.reduce((least, id) => Math.min(least, id), Infinity);
    if (first === Infinity) return ids;
    const shorter: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const found = merged[i] === first;
      shorter.push(found ? first : ids[i]!);
      if (found) i++;
    }
    ids = shorter;
  }
}
