/** What a running job may use: its inverter, a way to tell how far it is, and pictures to hand out. */
import { encodePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { Inverter } from '../../inversion/inverter.js';
import type { SessionOptions } from '../../runtime/session.js';
import type { JobProgress } from '../api.js';
import type { PngFile, Report } from './messages.js';

/** Thrown between two steps of work that is to stop. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

export class Task {
  readonly files: PngFile[] = [];
  private readonly stop: Int32Array;
  private readonly started = performance.now();

  constructor(
    readonly inverter: Inverter,
    readonly session: SessionOptions,
    stop: SharedArrayBuffer,
    private readonly send: (report: Report) => void,
  ) {
    this.stop = new Int32Array(stop);
  }

  /** Tells how far the work is. Throws Cancelled where it is to stop. */
  progress(done: number, total: number, note: string): void {
    this.checkStop();
    const progress: JobProgress = { done, total, note };
    this.send({ type: 'progress', progress });
  }

  checkStop(): void {
    if (Atomics.load(this.stop, 0) !== 0) throw new Cancelled('the job was cancelled');
  }

  async step(
    done: number,
    steps: number,
    pictures: readonly { seed: number; image: RgbImage }[],
  ): Promise<void> {
    const encoded = await Promise.all(
      pictures.map(async ({ seed, image }) => ({ seed, png: await encodePng(image) })),
    );
    this.send({ type: 'step', step: { done, steps, pictures: encoded } });
  }

  /** Keeps a picture of the result; gives its name. */
  async keep(name: string, image: RgbImage): Promise<string> {
    const file = `${name}.png`;
    this.files.push({ name: file, png: await encodePng(image) });
    return file;
  }

  seconds(): number {
    return Math.round(performance.now() - this.started) / 1000;
  }
}

/** Values of positions as rows, rounded: they are drawn, not computed with. */
export function toRows(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, y) =>
    Array.from({ length: width }, (_, x) => Number(values[y * width + x]!.toFixed(4))),
  );
}
