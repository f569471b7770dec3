import type { MemoryMode } from './memory-mode.js';
import type { Session } from './session.js';

/**
 * Sessions that are compiled when they are first needed. In the mode `low` only one is open at a time: the
 * next stage of the work frees the one before.
 */
export class SessionPool {
  private readonly open = new Map<string, Promise<Session>>();

  constructor(private readonly memory: MemoryMode | undefined) {}

  /** The session called `name`. It is the caller's until the next call. */
  async get<Outputs extends string>(
    name: string,
    compile: () => Promise<Session<Outputs>>,
  ): Promise<Session<Outputs>> {
    const known = this.open.get(name);
    if (known !== undefined) return known;
    if (this.memory === 'low') await this.dispose();
    const compiled = compile();
    this.open.set(name, compiled);
    return compiled;
  }

  async dispose(): Promise<void> {
    const sessions = [...this.open.values()];
    this.open.clear();
    for (const session of sessions) await (await session).dispose();
  }
}
