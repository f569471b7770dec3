import { describe, expect, it } from 'vitest';
import { memoryLine } from '../../src/cli/open-inverter.js';
import { InputError } from '../../src/errors.js';

const need = { weights: 4.9e9, prepacked: 0.1e9, activations: 0.3e9, total: 5.4e9 };

describe('the line about memory', () => {
  it('says how much, and what of it is only mapped', () => {
    expect(memoryLine(need, 'low', 24e9)).toBe(
      'needs about 5.4 GB of memory, 4.9 GB of it weights that stay in their files (--memory low)',
    );
  });

  it('warns where the weights do not fit beside the rest', () => {
    expect(memoryLine(need, 'low', 4e9)).toMatch(/the machine has 4.0 GB: .* slow/);
  });

  it('refuses what cannot fit, with the option that helps', () => {
    const copied = { ...need, weights: 0, prepacked: 5e9 };
    expect(() => memoryLine(copied, 'fast', 4e9)).toThrow(InputError);
    expect(() => memoryLine(copied, 'fast', 4e9)).toThrow(/5.4 GB .* 4.0 GB; give --memory low/);
    expect(() => memoryLine({ ...need, total: 20e9 }, 'low', 4e9)).toThrow(/fewer --samples/);
  });
});
