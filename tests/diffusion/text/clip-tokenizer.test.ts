import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROMPT_LENGTH, tokenize } from '../../../src/diffusion/text/clip-tokenizer.js';
import {
  END_TOKEN,
  START_TOKEN,
  VOCABULARY_SIZE,
} from '../../../src/diffusion/text/clip-vocabulary.js';

interface Case {
  readonly prompt: string;
  /** Without the ends that fill it up. */
  readonly ids: readonly number[];
}

const fixture = new URL('../../fixtures/text/tokens.json', import.meta.url);
const cases = JSON.parse(readFileSync(fixture, 'utf8')) as Case[];

/** Any strings, lone surrogates included. */
const anyText = fc.string({ unit: 'binary', maxLength: 200 });

describe('tokenize', () => {
  it.each(cases)('gives the tokens of transformers for $prompt', ({ prompt, ids }) => {
    const filling = Array<number>(PROMPT_LENGTH - ids.length).fill(END_TOKEN);
    expect(tokenize(prompt)).toEqual([...ids, ...filling]);
  });

  it('covers short, cut and exactly fitting prompts', () => {
    expect(cases.length).toBeGreaterThanOrEqual(50);
    expect(new Set(cases.map(({ ids }) => ids.length))).toContain(PROMPT_LENGTH - 1);
  });

  it('gives 77 known ids for any text, the start first and the end last', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'grapheme' })), (text) => {
        const ids = tokenize(text);
        expect(ids).toHaveLength(PROMPT_LENGTH);
        expect(ids[0]).toBe(START_TOKEN);
        expect(ids.at(-1)).toBe(END_TOKEN);
        expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < VOCABULARY_SIZE)).toBe(
          true,
        );
      }),
    );
  });

  it('does not see case, composition or the amount of space', () => {
    const word = fc.stringMatching(/^[a-zéüñ]{1,8}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const plain = tokenize(words.join(' '));
        expect(tokenize(words.join(' \t\n '))).toEqual(plain);
        expect(tokenize(words.join(' ').toUpperCase())).toEqual(plain);
        expect(tokenize(words.join(' ').normalize('NFD'))).toEqual(plain);
      }),
    );
  });
});
