/**
 * Symbolic tensors, ops and autodiff. A graph is the set of nodes that its outputs reach. This folder
 * knows nothing of files, sessions or models.
 */
export * from './tensor.js';
export { gradients, type GradientOptions } from './autodiff.js';
export { describeGraph } from './describe-graph.js';
export { hoist, type Hoisted } from './hoist.js';
export { quantise } from './quantise.js';
export { inputsOf, substitute } from './substitute.js';
export * from './ops/attention-op.js';
export * from './ops/binary-ops.js';
export * from './ops/cast-ops.js';
export * from './ops/conv-ops.js';
export * from './ops/gather-op.js';
export * from './ops/image-ops.js';
export * from './ops/matmul-op.js';
export * from './ops/normalise-ops.js';
export { quantisedConv2d, quantisedMatmul } from './ops/quantised-ops.js';
export * from './ops/recompute-ops.js';
export { loop, type LoopResult, type LoopStep } from './loop.js';
export * from './ops/reduce-ops.js';
export * from './ops/shape-ops.js';
export * from './ops/top-k-op.js';
export * from './ops/unary-ops.js';
