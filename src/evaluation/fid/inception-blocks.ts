/**
 * Blocks of Inception-v3 (Szegedy et al. 2015) as TensorFlow's graph of 2015-12-05 has them, with the names
 * of torchvision and pytorch-fid. Average pooling leaves the padding out.
 */
import {
  averagePool2d,
  concat,
  conv2d,
  maxPool2d,
  relu,
  type Padding,
  type Tensor,
} from '../../graph/index.js';
import { batchNorm, uniformFanIn, type Parameters } from '../../nn/index.js';

const EPSILON = 1e-3;

/** Height and width of a kernel; one number for both. */
type Kernel = number | readonly [number, number];

interface UnitOptions {
  readonly stride?: number;
  /** Default: as much as keeps the size, with stride 1. */
  readonly padding?: 0;
}

/** Convolution without bias (`conv`), batch normalisation (`bn`), ReLU. */
export function unit(
  p: Parameters,
  x: Tensor,
  out: number,
  kernel: Kernel,
  { stride = 1, padding }: UnitOptions = {},
): Tensor {
  const [height, width] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  const channels = x.dim(1);
  const initialise = uniformFanIn(channels * height * width);
  const shape = [out, channels, height, width];
  const weight = p.scope('conv').tensor('weight', shape, initialise);
  const [rows, columns] = [(height - 1) / 2, (width - 1) / 2];
  const same: Padding = [rows, columns, rows, columns];
  const h = conv2d(x, weight, { stride, padding: padding ?? same });
  return relu(batchNorm(p.scope('bn'), h, EPSILON));
}

/** Output channels, kernel and options of a unit. */
type Step = readonly [out: number, kernel: Kernel, options?: UnitOptions];

/** Units one after the other, named by their numbers from 1. */
function chain(p: Parameters, name: string, x: Tensor, ...steps: readonly Step[]): Tensor {
  return steps.reduce(
    (h, [out, kernel, options], i) => unit(p.scope(`${name}_${i + 1}`), h, out, kernel, options),
    x,
  );
}

const HALVED = { stride: 2, padding: 0 } as const;
const ACROSS = [1, 7] as const;
const DOWN = [7, 1] as const;

/** Mixed_5b to 5d. */
export function inceptionA(p: Parameters, x: Tensor, poolFeatures: number): Tensor {
  return concat(
    [
      unit(p.scope('branch1x1'), x, 64, 1),
      chain(p, 'branch5x5', x, [48, 1], [64, 5]),
      chain(p, 'branch3x3dbl', x, [64, 1], [96, 3], [96, 3]),
      unit(p.scope('branch_pool'), averagePool2d(x, 3, 1, 1), poolFeatures, 1),
    ],
    1,
  );
}

/** Mixed_6a, which halves the map. */
export function inceptionB(p: Parameters, x: Tensor): Tensor {
  return concat(
    [
      unit(p.scope('branch3x3'), x, 384, 3, HALVED),
      chain(p, 'branch3x3dbl', x, [64, 1], [96, 3], [96, 3, HALVED]),
      maxPool2d(x, 3, 2, 0),
    ],
    1,
  );
}

/** Mixed_6b to 6e; `inner` channels between the factors of the 7×7 kernels. */
export function inceptionC(p: Parameters, x: Tensor, inner: number): Tensor {
  const down = [inner, DOWN] as const;
  const across = [inner, ACROSS] as const;
  return concat(
    [
      unit(p.scope('branch1x1'), x, 192, 1),
      chain(p, 'branch7x7', x, [inner, 1], across, [192, DOWN]),
      chain(p, 'branch7x7dbl', x, [inner, 1], down, across, down, [192, ACROSS]),
      unit(p.scope('branch_pool'), averagePool2d(x, 3, 1, 1), 192, 1),
    ],
    1,
  );
}

/** Mixed_7a, which halves the map. */
export function inceptionD(p: Parameters, x: Tensor): Tensor {
  return concat(
    [
      chain(p, 'branch3x3', x, [192, 1], [320, 3, HALVED]),
      chain(p, 'branch7x7x3', x, [192, 1], [192, ACROSS], [192, DOWN], [192, 3, HALVED]),
      maxPool2d(x, 3, 2, 0),
    ],
    1,
  );
}

/** Mixed_7b and 7c; `pool` is what the last branch does first. */
export function inceptionE(p: Parameters, x: Tensor, pool: 'average' | 'max'): Tensor {
  const pooled = pool === 'max' ? maxPool2d(x, 3, 1, 1) : averagePool2d(x, 3, 1, 1);
  return concat(
    [
      unit(p.scope('branch1x1'), x, 320, 1),
      ...fork(p, 'branch3x3_2', unit(p.scope('branch3x3_1'), x, 384, 1)),
      ...fork(p, 'branch3x3dbl_3', chain(p, 'branch3x3dbl', x, [448, 1], [384, 3])),
      unit(p.scope('branch_pool'), pooled, 192, 1),
    ],
    1,
  );
}

/** The two factors of a 3×3 kernel, side by side. */
function fork(p: Parameters, name: string, x: Tensor): Tensor[] {
  return [unit(p.scope(`${name}a`), x, 384, [1, 3]), unit(p.scope(`${name}b`), x, 384, [3, 1])];
}
