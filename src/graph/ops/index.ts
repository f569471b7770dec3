/** Every op of the engine. A new one is a record in a file of this folder and a line here. */
import type { Op } from '../op.js';
import { attentionOp } from './attention-op.js';
import * as binary from './binary-ops.js';
import { castFloatOp } from './cast-ops.js';
import { conv2dOp } from './conv-ops.js';
import { gatherRowsOp } from './gather-op.js';
import { maxPool2dOp } from './image-ops.js';
import { matmulOp } from './matmul-op.js';
import { softmaxOp, standardiseOp } from './normalise-ops.js';
import { quantisedConvOp, quantisedMatmulOp } from './quantised-ops.js';
import { afterOp, segmentBorderOp } from './recompute-ops.js';
import { maxOp, sumOp } from './reduce-ops.js';
import * as shape from './shape-ops.js';
import { topKMaskOp } from './top-k-op.js';
import * as unary from './unary-ops.js';

const records = [
  ...[unary.negOp, unary.expOp, unary.logOp, unary.sqrtOp, unary.absOp, unary.signOp],
  ...[unary.sinOp, unary.cosOp, unary.tanhOp, unary.sigmoidOp, unary.erfOp, unary.reluOp],
  ...[unary.siluOp, unary.geluOp, castFloatOp, binary.clampOp, binary.whereOp],
  ...[binary.addOp, binary.subOp, binary.mulOp, binary.divOp],
  ...[binary.maximumOp, binary.minimumOp, binary.greaterOp, binary.equalOp],
  ...[attentionOp, matmulOp, conv2dOp, maxPool2dOp, softmaxOp, standardiseOp, gatherRowsOp],
  ...[quantisedMatmulOp, quantisedConvOp],
  ...[sumOp, maxOp, topKMaskOp, segmentBorderOp, afterOp],
  ...[shape.reshapeOp, shape.transposeOp, shape.sliceOp, shape.padOp, shape.concatOp],
  ...[shape.broadcastToOp, shape.reverseOp],
];

/** Op records by name, for tests that must cover all of them. */
export const ops: ReadonlyMap<string, Op<never>> = new Map(
  records.map((op) => [op.name, op as Op<never>]),
);
