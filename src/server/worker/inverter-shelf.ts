import { loadInverter, type Inverter } from '../../inversion/inverter.js';
import type { SessionOptions } from '../../runtime/session.js';

/**
 * Keeps the inverters that were used last open, so that memory is bounded. An inverter compiles sessions
 * for each number of pictures at once and keeps them all (the shipped ones: 200 MB each), so each number
 * counts as an inverter of its own.
 */
export class InverterShelf {
  /** By folder and number of pictures, the least recently used first. */
  private readonly open = new Map<string, Inverter>();

  constructor(
    private readonly session: SessionOptions,
    private readonly most = 2,
  ) {}

  async take(directory: string, pictures: number): Promise<Inverter> {
    const key = `${pictures} ${directory}`;
    const known = this.open.get(key);
    if (known) {
      this.open.delete(key);
      this.open.set(key, known);
      return known;
    }
    for (const [oldest, inverter] of this.open) {
      if (this.open.size < this.most) break;
      this.open.delete(oldest);
      await inverter.dispose();
    }
    const inverter = await loadInverter(directory, this.session);
    this.open.set(key, inverter);
    return inverter;
  }
}
