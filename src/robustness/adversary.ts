/** Pictures changed just enough for a classifier to be wrong about them. */
import { requireTraceable, type Backbone } from '../backbones/index.js';
import { InputError } from '../errors.js';
import { exp, gradients, input, log, max, mul, sub, sum, type Tensor } from '../graph/index.js';
import type { RgbImage } from '../images/rgb-image.js';
import { fromBatch, toBatch } from '../inversion/planar.js';
import { topIndices } from '../metrics/index.js';
import { Random } from '../random.js';
import { Session, type SessionOptions } from '../runtime/session.js';
import { projectOnBall, steepestStep, type Norm } from './norm-ball.js';

export interface AttackOptions {
  /** Norm of the change, in which ε is measured. */
  readonly norm: Norm;
  /**
   * Largest change, for pixel values in [0, 1]: of any value for `linf`, of the whole picture (root of the
   * sum of squares over pixels and colours) for `l2`.
   */
  readonly epsilon: number;
  /** Gradient steps; 1 with a step as long as ε is FGSM. */
  readonly steps: number;
  /** Length of a step, in the same norm. Default 2.5 ε / steps, as in Madry et al. 2018. */
  readonly stepSize?: number | undefined;
  /** Class to arrive at; by default the picture is moved away from its own first class. */
  readonly target?: number | undefined;
  /** Begin at a random point of the ball, drawn from this seed; by default at the picture itself. */
  readonly seed?: number | undefined;
}

export interface Attacked {
  /** Whole 8-bit values again; for `linf` still within ε of the original. */
  readonly image: RgbImage;
  /** Logits of the original and of the 8-bit attacked picture. */
  readonly logits: { readonly original: Float32Array; readonly attacked: Float32Array };
  /** Whether the first class changed or, with a target, became the target. */
  readonly succeeded: boolean;
  /** How far the attacked picture lies from the original in both norms, for values in [0, 1]. */
  readonly distance: Readonly<Record<Norm, number>>;
}

/** The fast gradient sign method (Goodfellow et al. 2015): one step as long as ε. */
export const fgsm = (epsilon: number): AttackOptions => ({
  norm: 'linf',
  epsilon,
  steps: 1,
  stepSize: epsilon,
});

/** Attacks one classifier by the gradient of its loss with respect to the picture, from the engine. */
export class Adversary {
  private constructor(
    private readonly session: Session<'gradient' | 'logits'>,
    private readonly classes: number,
    private readonly size: number,
  ) {}

  /**
   * `size` is the side of the pictures, which the graph enlarges to the classifier's input. Throws InputError
   * for an .onnx file that cannot be differentiated.
   */
  static async open(
    backbone: Backbone,
    size: number,
    options: SessionOptions = {},
  ): Promise<Adversary> {
    const classes = backbone.labels.length;
    const images = input('images', [1, 3, size, size]);
    const { logits } = requireTraceable(backbone).traceImages(images);
    const loss = crossEntropy(logits, input('label', [1, classes]));
    const [gradient] = gradients(loss, [images]);
    const session = await Session.compile({ gradient: gradient!, logits }, options);
    return new Adversary(session, classes, size);
  }

  /**
   * Projected gradient descent (Madry et al. 2018, arXiv 1706.06083) from a square picture of the
   * adversary's size. Throws InputError for a class that does not exist.
   */
  async attack(image: RgbImage, options: AttackOptions): Promise<Attacked> {
    const { norm, epsilon, steps, target } = options;
    if (target !== undefined && !(target >= 0 && target < this.classes)) {
      throw new InputError(`there is no class ${target}: they go from 0 to ${this.classes - 1}`);
    }
    // Planes in [-1, 1]: a change of pixel values in [0, 1] is twice as large there.
    const origin = toBatch([image]);
    const radius = 2 * epsilon;
    const stride = 2 * (options.stepSize ?? (2.5 * epsilon) / steps);
    const original = (await this.look(origin, 0)).logits;
    const label = target ?? topIndices(original, 1)[0]!;
    const ascend = target === undefined ? 1 : -1;
    const x = origin.slice();
    if (options.seed !== undefined) scatter(x, radius, norm, new Random(options.seed));
    project(x, origin, radius, norm);
    for (let i = 0; i < steps; i++) {
      const { gradient } = await this.look(x, label);
      const step = steepestStep(gradient, norm);
      for (let j = 0; j < x.length; j++) x[j]! += ascend * stride * step[j]!;
      project(x, origin, radius, norm);
    }
    const changed = quantise(fromBatch(x, 0, this.size), image, norm === 'linf' ? epsilon : 1);
    const attacked = (await this.look(toBatch([changed]), label)).logits;
    const first = topIndices(attacked, 1)[0]!;
    return {
      image: changed,
      logits: { original, attacked },
      succeeded: target === undefined ? first !== label : first === target,
      distance: distanceOf(changed, image),
    };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private look(
    images: Float32Array,
    label: number,
  ): Promise<{ gradient: Float32Array; logits: Float32Array }> {
    const oneHot = new Float32Array(this.classes);
    oneHot[label] = 1;
    return this.session.run({ images, label: oneHot });
  }
}

/** log Σ exp(z) − z_label: [1, classes] and a one-hot label of the same shape to one number. */
function crossEntropy(logits: Tensor, label: Tensor): Tensor {
  const shifted = sub(logits, max(logits, [1], true));
  return sub(log(sum(exp(shifted))), sum(mul(shifted, label)));
}

function scatter(x: Float32Array, radius: number, norm: Norm, random: Random): void {
  const noise = random.fillNormal(new Float32Array(x.length));
  const direction = steepestStep(noise, norm);
  const length = radius * random.uniform();
  for (let i = 0; i < x.length; i++) {
    x[i]! += norm === 'linf' ? radius * (2 * random.uniform() - 1) : length * direction[i]!;
  }
}

/** Back into the ball around the original, and into the range of pictures. */
function project(x: Float32Array, origin: Float32Array, radius: number, norm: Norm): void {
  const change = x.map((value, i) => value - origin[i]!);
  projectOnBall(change, radius, norm);
  for (let i = 0; i < x.length; i++) x[i] = Math.min(1, Math.max(-1, origin[i]! + change[i]!));
}

/** No value further than `epsilon` (of 1) from the original's: rounding must not leave the ball. */
function quantise(image: RgbImage, original: RgbImage, epsilon: number): RgbImage {
  const reach = Math.floor(epsilon * 255 + 1e-6);
  const data = image.data.map((value, i) => {
    const centre = original.data[i]!;
    return Math.min(centre + reach, Math.max(centre - reach, value));
  });
  return { ...image, data };
}

function distanceOf(a: RgbImage, b: RgbImage): Record<Norm, number> {
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < a.data.length; i++) {
    const change = Math.abs(a.data[i]! - b.data[i]!) / 255;
    largest = Math.max(largest, change);
    squares += change * change;
  }
  return { linf: largest, l2: Math.sqrt(squares) };
}
