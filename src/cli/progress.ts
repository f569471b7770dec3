export interface ProgressOptions {
  /** How much there is to do; undefined where nobody knows. */
  readonly total?: number;
  /** What is counted, in the plural: `images`, `steps`. */
  readonly unit: string;
  /** Already done when this process began (a resumed training). */
  readonly start?: number;
}

/** Where progress is drawn: process.stderr, or a fake in tests. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;

/**
 * Progress with rate and remaining time: one line redrawn on a terminal, a plain line every ten
 * seconds elsewhere (logs stay readable). `now` gives milliseconds.
 */
export class Progress {
  private readonly startedAt: number;
  private shownAt: number;
  private done: number;
  private note = '';
  private drawn = false;

  constructor(
    private readonly stream: ProgressStream,
    private readonly label: string,
    private readonly options: ProgressOptions,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startedAt = this.now();
    this.done = options.start ?? 0;
    this.shownAt = this.startedAt;
    if (this.stream.isTTY) this.draw();
  }

  /** `done` counts from the beginning, `start` included; `note` follows the numbers. */
  update(done: number, note = ''): void {
    this.done = done;
    this.note = note;
    const interval = this.stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
    if (this.now() - this.shownAt >= interval) this.draw();
  }

  /** Prints a line above the progress. */
  log(line: string): void {
    this.clear();
    this.stream.write(`${line}\n`);
    if (this.stream.isTTY) this.draw();
  }

  /** Removes the line from a terminal; elsewhere leaves one last line. */
  finish(): void {
    if (this.stream.isTTY) this.clear();
    else if (this.done > (this.options.start ?? 0)) this.draw();
  }

  /** Takes the line off the terminal so that something else can be printed. */
  clear(): void {
    if (this.stream.isTTY && this.drawn) this.stream.write('\r\u001b[K');
    this.drawn = false;
  }

  private draw(): void {
    this.shownAt = this.now();
    const line = this.line();
    if (this.stream.isTTY) {
      // A line that wraps could not be redrawn.
      this.stream.write(`\r\u001b[K${line.slice(0, (this.stream.columns ?? 80) - 1)}`);
      this.drawn = true;
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  private line(): string {
    const { total, unit, start = 0 } = this.options;
    const seconds = (this.now() - this.startedAt) / 1000;
    const rate = seconds > 0 ? (this.done - start) / seconds : 0;
    const parts = [
      `${this.label} ${this.done}${total === undefined ? '' : `/${total}`} ${unit}`,
      rate > 0 ? formatRate(rate, unit) : '',
      rate > 0 && total !== undefined && this.done < total
        ? `${formatDuration((total - this.done) / rate)} left`
        : '',
      this.note,
    ];
    return parts.filter((part) => part !== '').join(' · ');
  }
}

/** `12.3 images/s`, or `4.5 s per image` where it takes seconds. */
function formatRate(rate: number, unit: string): string {
  const single = unit.replace(/s$/, '');
  return rate >= 1 ? `${rate.toFixed(1)} ${unit}/s` : `${(1 / rate).toFixed(1)} s per ${single}`;
}

/** Seconds as `8 s`, `3 min 20 s` or `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
