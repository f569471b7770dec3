/** Lets a few in at a time: the others wait in order. Bounds what decoding pictures takes of memory. */
export class Turnstile {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.inside >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.inside++;
    try {
      return await work();
    } finally {
      this.inside--;
      this.waiting.shift()?.();
    }
  }
}
