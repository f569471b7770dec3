import {
  globalAveragePool,
  maxPool2d,
  mul,
  resizeBilinear,
  sub,
  type Tensor,
} from '../../graph/index.js';
import type { Parameters } from '../../nn/index.js';
import {
  inceptionA,
  inceptionB,
  inceptionC,
  inceptionD,
  inceptionE,
  unit,
} from './inception-blocks.js';

/** Side of the network's input in pixels. */
const SIDE = 299;

/** What pytorch-fid names by their number of channels. */
export interface InceptionOutputs {
  /** [N, 64, 73, 73], after the first max pooling. */
  readonly pool1: Tensor;
  /** [N, 192, 35, 35], after the second. */
  readonly pool2: Tensor;
  /** [N, 768, 17, 17] */
  readonly mixed6e: Tensor;
  /** [N, 2048], the features of FID. */
  readonly pool3: Tensor;
}

/**
 * The Inception-v3 of FID (Heusel et al. 2017): TensorFlow's graph of 2015-12-05 with the names of
 * pytorch-fid's port. Its average pooling leaves the padding out, and its last block pools maxima.
 *
 * @param pictures [N, 3, H, W] in [0, 1], of any size: resized bilinearly, without antialiasing, as there
 */
export function traceInception(p: Parameters, pictures: Tensor): InceptionOutputs {
  let x = sub(mul(resizeBilinear(pictures, SIDE, SIDE), 2), 1);
  x = unit(p.scope('Conv2d_1a_3x3'), x, 32, 3, { stride: 2, padding: 0 });
  x = unit(p.scope('Conv2d_2a_3x3'), x, 32, 3, { padding: 0 });
  x = unit(p.scope('Conv2d_2b_3x3'), x, 64, 3);
  const pool1 = maxPool2d(x, 3, 2, 0);
  x = unit(p.scope('Conv2d_3b_1x1'), pool1, 80, 1);
  x = unit(p.scope('Conv2d_4a_3x3'), x, 192, 3, { padding: 0 });
  const pool2 = maxPool2d(x, 3, 2, 0);
  x = inceptionA(p.scope('Mixed_5b'), pool2, 32);
  x = inceptionA(p.scope('Mixed_5c'), x, 64);
  x = inceptionA(p.scope('Mixed_5d'), x, 64);
  x = inceptionB(p.scope('Mixed_6a'), x);
  x = inceptionC(p.scope('Mixed_6b'), x, 128);
  x = inceptionC(p.scope('Mixed_6c'), x, 160);
  x = inceptionC(p.scope('Mixed_6d'), x, 160);
  const mixed6e = inceptionC(p.scope('Mixed_6e'), x, 192);
  x = inceptionD(p.scope('Mixed_7a'), mixed6e);
  x = inceptionE(p.scope('Mixed_7b'), x, 'average');
  x = inceptionE(p.scope('Mixed_7c'), x, 'max');
  return { pool1, pool2, mixed6e, pool3: globalAveragePool(x) };
}
