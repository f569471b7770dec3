/** Lets a few in at a time: the others wait in order. Bounds what decoding pictures takes of memory. */
export class Turnstile {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.inside < this.most) this.inside++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to who waits longest, so that nobody slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.inside--;
    }
  }
}
