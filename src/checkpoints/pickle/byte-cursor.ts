import type { InputError } from '../../errors.js';
import type { OpenFile } from '../open-file.js';
import { invalidCheckpoint } from './invalid-checkpoint.js';

/** Enough that most pickles are read in few pieces, little enough to read beside other work. */
const WINDOW_BYTES = 2 ** 16;
/** Longer lines of text than any name or number needs. */
const MAX_LINE_BYTES = 2 ** 16;

/** Reads a range of a file from front to back; what is announced is checked before it is read. */
export class ByteCursor {
  private window = Buffer.alloc(0);
  private windowStart = 0;

  constructor(
    private readonly file: OpenFile,
    /** Of the next byte, in the file. */
    public position: number,
    /** The first position that is not to be read. */
    readonly end: number,
  ) {}

  byte(): number {
    return this.take(1)[0]!;
  }

  /** The next bytes, valid until the next call. */
  take(count: number): Buffer {
    const begin = this.position - this.windowStart;
    if (begin < 0 || begin + count > this.window.length) {
      this.fill(count);
      return this.take(count);
    }
    this.position += count;
    return this.window.subarray(begin, begin + count);
  }

  /** Text up to the next line break, which is consumed too. */
  line(encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const start = this.position;
    while (this.byte() !== 0x0a) {
      if (this.position - start > MAX_LINE_BYTES)
        throw this.fail('a line of its pickle has no end');
    }
    const length = this.position - start;
    this.position = start;
    return this.take(length).toString(encoding, 0, length - 1);
  }

  /** An error that names the file. */
  fail(reason: string): InputError {
    return invalidCheckpoint(this.file.path, reason);
  }

  private fill(count: number): void {
    const left = this.end - this.position;
    if (count > left) {
      throw this.fail(
        `at byte ${this.position} it announces ${count} more, but ${left} are left: it is truncated or damaged`,
      );
    }
    this.windowStart = this.position;
    this.window = this.file.read(this.position, Math.min(left, Math.max(count, WINDOW_BYTES)));
  }
}
