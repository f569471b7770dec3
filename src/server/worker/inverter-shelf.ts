import { loadInverter, type Inverter } from '../../inversion/inverter.js';
import type { SessionOptions } from '../../runtime/session.js';

/** Keeps the inverters that were used last open, so that memory is bounded. */
export class InverterShelf {
  /** By folder, the least recently used first. */
  private readonly open = new Map<string, Inverter>();

  constructor(
    private readonly session: SessionOptions,
    private readonly most = 2,
  ) {}

  async take(directory: string): Promise<Inverter> {
    const known = this.open.get(directory);
    if (known) {
      this.open.delete(directory);
      this.open.set(directory, known);
      return known;
    }
    for (const [oldest, inverter] of this.open) {
      if (this.open.size < this.most) break;
      this.open.delete(oldest);
      await inverter.dispose();
    }
    const inverter = await loadInverter(directory, this.session);
    this.open.set(directory, inverter);
    return inverter;
  }
}
