/**
 * Streams that the tabs of one browser hold open. Over HTTP/1.1 a browser opens six connections to a
 * server and shares them among all its tabs: with a stream for each tab, the seventh would not even load.
 */
export class StreamTurns {
  /** By browser, the longest-held first. */
  private readonly held = new Map<string, AbortController[]>();

  /** `most` streams of one browser; the rest of its connections is for everything else. */
  constructor(private readonly most: number) {}

  /**
   * Lets another stream in; where there are too many, the turn of the one that is held for longest ends.
   * `over` is aborted when the new one's own turn ends.
   */
  take(browser: string): { readonly over: AbortSignal; readonly release: () => void } {
    const turn = new AbortController();
    const turns = [...(this.held.get(browser) ?? []), turn];
    for (const old of turns.splice(0, turns.length - this.most)) old.abort();
    this.held.set(browser, turns);
    return { over: turn.signal, release: () => this.release(browser, turn) };
  }

  private release(browser: string, turn: AbortController): void {
    const left = (this.held.get(browser) ?? []).filter((one) => one !== turn);
    if (left.length > 0) this.held.set(browser, left);
    else this.held.delete(browser);
  }
}
