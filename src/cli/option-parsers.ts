import { InputError } from '../errors.js';
import { isNumeral, parseFraction } from '../fraction.js';
import type { Parser } from './command.js';

/** Any text that is not empty. */
export const text: Parser<string> = (value, flag) => {
  if (value.trim() === '') throw new InputError(`${flag} must not be empty`);
  return value;
};

/** A whole number from `minimum` to `maximum`, both included. */
export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range = rangeText(minimum, maximum, Number.MAX_SAFE_INTEGER);
  return (value, flag) => {
    const number = /^[+-]?\d+$/.test(value) ? Number(value) : NaN;
    if (!(number >= minimum && number <= maximum)) {
      throw new InputError(`${flag} must be an integer ${range}, got "${value}"`);
    }
    return number;
  };
}

/** A finite number from `minimum` to `maximum`, both included. */
export function real(minimum: number, maximum = Infinity): Parser<number> {
  const range = rangeText(minimum, maximum, Infinity);
  return (value, flag) => {
    const number = isNumeral(value) ? Number(value) : NaN;
    if (!(number >= minimum && number <= maximum)) {
      throw new InputError(`${flag} must be a number ${range}, got "${value}"`);
    }
    return number;
  };
}

/** A number from `minimum` to `maximum`, also written as a fraction: `0.03` or `8/255`. */
export function fraction(minimum: number, maximum = Infinity): Parser<number> {
  const range = rangeText(minimum, maximum, Infinity);
  return (value, flag) => {
    const number = parseFraction(value);
    if (!(number >= minimum && number <= maximum)) {
      throw new InputError(
        `${flag} must be a number or a fraction such as 8/255 ${range}, got "${value}"`,
      );
    }
    return number;
  };
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): Parser<Word> {
  return (value, flag) => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    throw new InputError(`${flag} must be one of ${words.join(', ')}, got "${value}"`);
  };
}

/** Comma-separated values, at least one: `--scale -2,0,2`. */
export function list<T>(item: Parser<T>): Parser<T[]> {
  return (value, flag) => value.split(',').map((part) => item(part.trim(), flag));
}

/** `START:END:STEP`, both ends included: `0:1:0.25` → 0, 0.25, 0.5, 0.75, 1. At most 1000 values. */
export const steppedRange: Parser<number[]> = (value, flag) => {
  const parts = value.split(':');
  const [start, end, step] = parts.map((part) => (isNumeral(part) ? Number(part) : NaN));
  const count = Math.floor(((end ?? NaN) - (start ?? NaN)) / (step ?? NaN) + 1e-9) + 1;
  if (
    parts.length !== 3 ||
    start === undefined ||
    step === undefined ||
    !(count >= 1) ||
    step === 0
  ) {
    throw new InputError(
      `${flag} must be START:END:STEP with a step that leads from start to end, such as 0:1:0.25, got "${value}"`,
    );
  }
  if (count > 1000) {
    throw new InputError(`${flag} must give at most 1000 values, "${value}" gives ${count}`);
  }
  // 0.3, not 0.30000000000000004.
  return Array.from({ length: count }, (_, index) =>
    Number((start + index * step).toPrecision(12)),
  );
};

/** `i/n` with 1 ≤ i ≤ n: the i-th of n shards, counted from 1. */
export const shard: Parser<{ index: number; count: number }> = (value, flag) => {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(value);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (!(index >= 1 && index <= count)) {
    throw new InputError(`${flag} must be i/n with i from 1 to n, such as 1/4, got "${value}"`);
  }
  return { index, count };
};

function rangeText(minimum: number, maximum: number, unbounded: number): string {
  return maximum === unbounded ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
}
