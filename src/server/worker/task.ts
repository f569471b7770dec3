/** What a running job may use: its inverter, a way to tell how far it is, and pictures to hand out. */
import type { StepInfo } from '../../diffusion/samplers/index.js';
import { encodePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { Inverter } from '../../inversion/inverter.js';
import type { SessionOptions } from '../../runtime/session.js';
import type { JobProgress, StepRole } from '../api.js';
import type { PngFile, Report } from './messages.js';

/** Thrown between two steps of work that is to stop. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

type Step = Pick<StepInfo, 'done' | 'steps' | 'clean'>;

export interface StepDrawing {
  readonly role: StepRole;
  /** Of the pictures in the step's latents. */
  readonly seeds: readonly number[];
  /** Show every so many steps, 0 for none. */
  readonly every: number;
  /** Which one of `turns` samplings of the job this is, from 0. */
  readonly turn?: number;
  readonly turns?: number;
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

  /**
   * Tells how far the pictures are, and shows what the model takes them to be. The job's last ones are not
   * shown: they come with the result. Throws Cancelled where the work is to stop.
   */
  async step({ done, steps, clean }: Step, drawing: StepDrawing): Promise<void> {
    const { role, seeds, every, turn = 0, turns = 1 } = drawing;
    const note = `step ${done} of ${steps}${turns > 1 ? `, ${role}` : ''}`;
    this.progress(turn * steps + done, turns * steps, note);
    const isEnd = done === steps;
    if (every === 0 || (isEnd ? turn + 1 === turns : done % every !== 0)) return;
    const images = await this.inverter.decode(clean, seeds.length);
    const pictures = await Promise.all(
      images.map(async (image, k) => ({ seed: seeds[k]!, png: await encodePng(image) })),
    );
    this.send({ type: 'step', step: { role, done, steps, pictures } });
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
