/**
 * The only source of randomness: xoshiro128** seeded through a string hash, with its whole state
 * (including the spare normal deviate) available as plain numbers.
 *
 * Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */

import { InputError } from './errors.js';

const rotateLeft = (value: number, bits: number): number =>
  ((value << bits) | (value >>> (32 - bits))) >>> 0;

/** Four words from a text: FNV-1a with a different offset per word, then a murmur finaliser. */
function hashWords(text: string): [number, number, number, number] {
  const word = (salt: number): number => {
    let hash = (0x811c9dc5 ^ Math.imul(salt + 1, 0x9e3779b1)) >>> 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
      hash = Math.imul(hash ^ (code >>> 8), 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  };
  return [word(0), word(1), word(2), word(3)];
}

/**
 * A deterministic random stream: same seed, same numbers, on every machine.
 *
 * @example
 * const random = new Random(7);
 * const noise = random.fork('noise').fillNormal(new Float32Array(16));
 */
export class Random {
  private s0 = 0;
  private s1 = 0;
  private s2 = 0;
  private s3 = 0;
  /** Second deviate of the last Box-Muller pair; NaN when there is none. */
  private spare = Number.NaN;
  /** Words of the seed, which `fork` derives streams from. */
  private readonly key: readonly [number, number, number, number];

  constructor(seed: number | string) {
    if (typeof seed === 'number' && !Number.isFinite(seed)) {
      throw new InputError(`seed: ${seed} is not a finite number`);
    }
    this.key = hashWords(typeof seed === 'number' ? `number:${seed}` : `text:${seed}`);
    [this.s0, this.s1, this.s2, this.s3] = this.key;
    // An all-zero state would stay zero for ever.
    if ((this.s0 | this.s1 | this.s2 | this.s3) === 0) this.s0 = 1;
  }

  /** The next 32 random bits as an unsigned integer. */
  bits(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.s1, 5) >>> 0, 7), 9) >>> 0;
    const shifted = (this.s1 << 9) >>> 0;
    this.s2 = (this.s2 ^ this.s0) >>> 0;
    this.s3 = (this.s3 ^ this.s1) >>> 0;
    this.s1 = (this.s1 ^ this.s2) >>> 0;
    this.s0 = (this.s0 ^ this.s3) >>> 0;
    this.s2 = (this.s2 ^ shifted) >>> 0;
    this.s3 = rotateLeft(this.s3, 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform integer from 0 to n - 1; n is a whole number from 1 to 2^32. */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 4294967296) {
      throw new InputError(`Random.int: ${n} is not a whole number from 1 to 4294967296`);
    }
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal deviate (Box-Muller). */
  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const value = this.spare;
      this.spare = Number.NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fills the array with standard normal deviates and returns it. */
  fillNormal(out: Float32Array): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }

  /** An independent stream from this one's seed and the label; this stream does not advance. */
  fork(label: string): Random {
    return new Random(`${this.key.join(',')}/${label}`);
  }

  /** Everything needed to continue this stream, as plain JSON numbers (-1 flag for no spare). */
  state(): number[] {
    const spare = Number.isNaN(this.spare) ? [0, 0] : [1, this.spare];
    return [this.s0, this.s1, this.s2, this.s3, ...this.key, ...spare];
  }

  /** The stream whose `state()` was saved. */
  static restore(state: readonly number[]): Random {
    const isWord = (value: number): boolean =>
      Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
    const [s0, s1, s2, s3, k0, k1, k2, k3, hasSpare, spare] = state as number[];
    const valid =
      state.length === 10 &&
      state.slice(0, 8).every(isWord) &&
      state.slice(0, 4).some((word) => word !== 0) &&
      (hasSpare === 0 || hasSpare === 1) &&
      Number.isFinite(spare);
    if (!valid) {
      throw new InputError('random state: expected the ten numbers that Random.state() returns');
    }
    const random = Object.create(Random.prototype) as Random;
    return Object.assign(random, {
      s0,
      s1,
      s2,
      s3,
      key: [k0, k1, k2, k3],
      spare: hasSpare === 1 ? spare : Number.NaN,
    });
  }
}
