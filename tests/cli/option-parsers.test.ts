import { describe, expect, it } from 'vitest';

import { InputError } from '../../src/errors.js';
import {
  choice,
  integer,
  list,
  real,
  shard,
  steppedRange,
  text,
} from '../../src/cli/option-parsers.js';

describe('option parsers', () => {
  it('read what is right', () => {
    expect(integer(1, 1000)('50', '--steps')).toBe(50);
    expect(integer(-5, 5)('-3', '--n')).toBe(-3);
    expect(real(0, 20)('1.75', '--guidance')).toBe(1.75);
    expect(real(0)('1e-4', '--rate')).toBe(1e-4);
    expect(choice(['ddim', 'dpm++'])('dpm++', '--sampler')).toBe('dpm++');
    expect(list(integer(0))('1, 2,3', '--seeds')).toEqual([1, 2, 3]);
    expect(steppedRange('0:1:0.25', '--alpha')).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(steppedRange('1:-1:-1', '--alpha')).toEqual([1, 0, -1]);
    expect(shard('2/4', '--shard')).toEqual({ index: 2, count: 4 });
    expect(text('a b', '--name')).toBe('a b');
  });

  it.each([
    [integer(1, 1000), '-3', '--x must be an integer from 1 to 1000, got "-3"'],
    [integer(1, 1000), '0', '--x must be an integer from 1 to 1000, got "0"'],
    [integer(1, 1000), '1001', '--x must be an integer from 1 to 1000, got "1001"'],
    [integer(1, 1000), '1e2', '--x must be an integer from 1 to 1000, got "1e2"'],
    [integer(1), '', '--x must be an integer of at least 1, got ""'],
    [real(0, 1), 'NaN', '--x must be a number from 0 to 1, got "NaN"'],
    [real(0), 'Infinity', '--x must be a number of at least 0, got "Infinity"'],
    [choice(['ddim', 'dpm++']), 'euler', '--x must be one of ddim, dpm++, got "euler"'],
    [list(integer(0)), '1,,2', '--x must be an integer of at least 0, got ""'],
    [
      steppedRange,
      '0:1:0',
      '--x must be START:END:STEP with a step that leads from start to end, such as 0:1:0.25, got "0:1:0"',
    ],
    [
      steppedRange,
      '0:1:-1',
      '--x must be START:END:STEP with a step that leads from start to end, such as 0:1:0.25, got "0:1:-1"',
    ],
    [steppedRange, '0:1:1e-6', '--x must give at most 1000 values, "0:1:1e-6" gives 1000001'],
    [shard, '5/4', '--x must be i/n with i from 1 to n, such as 1/4, got "5/4"'],
    [text, ' ', '--x must not be empty'],
  ])('refuse what is wrong in a sentence', (parse, value, message) => {
    expect(() => parse(value, '--x')).toThrow(new InputError(message));
  });
});
