import type { ByteCursor } from './byte-cursor.js';
import type { PickleValue } from './values.js';

/**
 * Work that one pickle may ask for: opcodes and copied items. Forty go to one tensor, so that this is
 * room for a hundred thousand.
 */
const MAX_STEPS = 4_000_000;
/** An empty dictionary takes more memory than any other value that one byte of a file makes. */
export const DICT_STEPS = 5;

/** The stack and the memo of a pickle that is being read. */
export class PickleMachine {
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at open marks. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private steps = 0;

  constructor(
    readonly path: string,
    readonly cursor: ByteCursor,
    /** Turns the description of something outside the pickle into a value. */
    readonly persistent: (id: PickleValue) => PickleValue,
  ) {}

  /** Accounts for work, so that a small file cannot ask for much. */
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > MAX_STEPS) {
      throw this.cursor.fail(`its pickle has more than ${MAX_STEPS} steps, no state dict has`);
    }
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  /** The topmost value above the last mark, left where it is. */
  top(): PickleValue {
    const value = this.stack.length > (this.marks.at(-1) ?? 0) ? this.stack.at(-1) : undefined;
    if (value === undefined) throw this.cursor.fail('its pickle takes from an empty stack');
    return value;
  }

  pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Whether nothing stands above the last mark. */
  atMark(): boolean {
    return this.marks.at(-1) === this.stack.length;
  }

  /** Takes all values above the last mark, and the mark. */
  popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.cursor.fail('its pickle closes what it did not open');
    return this.stack.splice(mark);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined)
      throw this.cursor.fail(`its pickle recalls value ${index}, there is none`);
    this.push(value);
  }
}
