/** Attention inside windows of a map (Liu et al. 2022, Swin Transformer V2, section 3). */
import {
  add,
  castFloat,
  concat,
  constant,
  equal,
  exp,
  gatherRows,
  matmul,
  maximum,
  minimum,
  mul,
  relu,
  reshape,
  sigmoid,
  slice,
  softmax,
  split,
  sqrt,
  div,
  sub,
  sum,
  transpose,
  type Tensor,
} from '../graph/index.js';
import { linear, ones, zeros, type Parameters } from '../nn/index.js';

/** How maps of one size are cut into windows; one for all blocks that cut alike, so that it is stored once. */
export interface WindowLayout {
  /** Side of a window in positions. */
  readonly side: number;
  /** Positions by which the map is rolled up and to the left before it is cut. */
  readonly shift: number;
  /** [offsets, 2]: log-spaced offsets of two positions of a window, down and across. */
  readonly offsets: Tensor;
  /** [length, length]: which of the offsets each pair of positions has. */
  readonly pairs: Tensor;
  /** [1, windows, 1, length, length], added to the scores of a rolled map. */
  readonly penalty: Tensor | undefined;
}

/** Hidden units of the network behind the position bias. */
const BIAS_UNITS = 512;
/** The largest factor of the cosines is 100. */
const LARGEST_LOG_SCALE = Math.log(100);
/** Scores that are computed at a time, 64 MiB: those of a whole batch would take more memory than all the rest. */
const MOST_SCORES = 2 ** 24;
/** What keeps apart positions that only the roll made neighbours. */
const APART = -100;

/** Windows of one side; `pretrainedSide` is the side for which the position bias was trained. */
export function windowLayout(side: number, pretrainedSide: number): WindowLayout {
  const offsets = logOffsets(side, pretrainedSide);
  return { side, shift: 0, offsets, pairs: pairIndices(side), penalty: undefined };
}

/** The same windows of a map that is rolled by `shift`. */
export function shifted(layout: WindowLayout, grid: number, shift: number): WindowLayout {
  return { ...layout, shift, penalty: apartPenalty(grid, layout.side, shift) };
}

/** Cosine attention with a continuous position bias on a map [N, H, W, C]. */
export function windowAttention(
  p: Parameters,
  x: Tensor,
  heads: number,
  layout: WindowLayout,
): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const { side, shift } = layout;
  const length = side * side;
  const windows = cutWindows(roll(x, shift), side);
  const [query, key, value] = queryKeyValue(p, windows, heads);
  const logScale = minimum(p.tensor('logit_scale', [heads, 1, 1], ones), LARGEST_LOG_SCALE);
  const bias = positionBias(p.scope('cpb_mlp'), heads, layout);
  const parts = piecesOf(n, (query.dim(0) / n) * heads * length ** 2);
  const attend = ([q, k, v]: readonly [Tensor, Tensor, Tensor]): Tensor => {
    const cosines = matmul(mul(unit(q), exp(logScale)), unit(k), { transposeB: true });
    const scores = addPenalty(add(cosines, bias), n / parts, layout);
    return matmul(softmax(scores), v);
  };
  const [queries, keys, values] = [query, key, value].map((each) => split(each, parts, 0));
  const attended = queries!.map((q, i) => attend([q, keys![i]!, values![i]!]));
  const mixed = transpose(concat(attended, 0), [0, 2, 1, 3]);
  const joined = linear(p.scope('proj'), reshape(mixed, [-1, length, c]), c);
  return roll(joinWindows(joined, [n, h, w, c], side), -shift);
}

/** Into how many equal parts a batch is divided so that each has few enough scores, an image at least. */
function piecesOf(images: number, scoresPerImage: number): number {
  const most = Math.max(1, Math.floor(MOST_SCORES / scoresPerImage));
  for (let pieces = Math.ceil(images / most); ; pieces++) {
    if (images % pieces === 0) return pieces;
  }
}

/** Each [windows, heads, length, C / heads]; keys have no bias. */
function queryKeyValue(p: Parameters, windows: Tensor, heads: number): [Tensor, Tensor, Tensor] {
  const [count, length, c] = windows.shape as [number, number, number];
  const product = linear(p.scope('qkv'), windows, 3 * c, { bias: false });
  const [query, key, value] = split(product, 3, 2);
  const perHead = (part: Tensor): Tensor =>
    transpose(reshape(part, [count, length, heads, c / heads]), [0, 2, 1, 3]);
  return [
    perHead(add(query!, p.tensor('q_bias', [c], zeros))),
    perHead(key!),
    perHead(add(value!, p.tensor('v_bias', [c], zeros))),
  ];
}

/** x / ‖x‖ over the last axis. */
function unit(x: Tensor): Tensor {
  return div(x, maximum(sqrt(sum(mul(x, x), [-1], true)), 1e-12));
}

/** [heads, length, length]: 16 σ(MLP(log-spaced offset)) for every pair of positions of a window. */
function positionBias(mlp: Parameters, heads: number, { offsets, pairs }: WindowLayout): Tensor {
  const hidden = relu(linear(mlp.scope('0'), offsets, BIAS_UNITS));
  const table = linear(mlp.scope('2'), hidden, heads, { bias: false });
  return transpose(gatherRows(mul(sigmoid(table), 16), pairs), [2, 0, 1]);
}

/** Offsets (down, across) from -(side - 1) to side - 1 as sign · log₂(1 + 8 |Δ| / (trained - 1)) / 3. */
function logOffsets(side: number, pretrainedSide: number): Tensor {
  const span = 2 * side - 1;
  const logSpaced = (index: number): number => {
    const relative = (8 * (index - side + 1)) / Math.max(pretrainedSide - 1, 1);
    return (Math.sign(relative) * Math.log2(Math.abs(relative) + 1)) / Math.log2(8);
  };
  const values = Array.from({ length: span * span }, (_, i) => [
    logSpaced(Math.floor(i / span)),
    logSpaced(i % span),
  ]);
  return constant(values.flat(), [span * span, 2]);
}

/** [length, length]: the row of the offset of each pair of positions. */
function pairIndices(side: number): Tensor {
  const span = 2 * side - 1;
  const length = side * side;
  const indices = new BigInt64Array(length * length);
  for (let a = 0; a < length; a++) {
    for (let b = 0; b < length; b++) {
      const down = Math.floor(a / side) - Math.floor(b / side) + side - 1;
      const across = (a % side) - (b % side) + side - 1;
      indices[a * length + b] = BigInt(down * span + across);
    }
  }
  return constant(indices, [length, length]);
}

/** Lowers the scores [N · windows, heads, L, L] of positions that are not neighbours in the picture. */
function addPenalty(scores: Tensor, images: number, { penalty }: WindowLayout): Tensor {
  if (penalty === undefined) return scores;
  const [count, heads, length] = scores.shape as [number, number, number];
  const open = reshape(scores, [images, count / images, heads, length, length]);
  return reshape(add(open, penalty), scores.shape);
}

/** [1, windows, 1, L, L]: 0 for pairs of positions that belong together, `APART` for the others. */
function apartPenalty(grid: number, side: number, shift: number): Tensor {
  const length = side * side;
  const windows = (grid / side) ** 2;
  const parts = partsOf(grid, side, shift);
  const ofRows = constant(parts, [1, windows, 1, length, 1]);
  const ofColumns = constant(parts, [1, windows, 1, 1, length]);
  return mul(sub(1, castFloat(equal(ofRows, ofColumns))), APART);
}

/** For each window and position a number of the part of the rolled map whose positions belong together. */
function partsOf(grid: number, side: number, shift: number): number[] {
  const band = (at: number): number => (at < grid - side ? 0 : at < grid - shift ? 1 : 2);
  const across = grid / side;
  return Array.from({ length: grid * grid }, (_, i) => {
    const [window, position] = [Math.floor(i / side ** 2), i % side ** 2];
    const row = Math.floor(window / across) * side + Math.floor(position / side);
    const column = (window % across) * side + (position % side);
    return 3 * band(row) + band(column);
  });
}

/** Moves everything `by` rows up and `by` columns to the left, around the borders. */
function roll(x: Tensor, by: number): Tensor {
  return [1, 2].reduce((moved, axis) => rollAxis(moved, axis, by), x);
}

function rollAxis(x: Tensor, axis: number, by: number): Tensor {
  if (by === 0) return x;
  const size = x.dim(axis);
  const start = (by + size) % size;
  return concat(
    [slice(x, [{ axis, start, end: size }]), slice(x, [{ axis, start: 0, end: start }])],
    axis,
  );
}

/** [N, H, W, C] to [N · windows, side², C]. */
function cutWindows(x: Tensor, side: number): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const open = reshape(x, [n, h / side, side, w / side, side, c]);
  return reshape(transpose(open, [0, 1, 3, 2, 4, 5]), [-1, side * side, c]);
}

/** The inverse of `cutWindows`. */
function joinWindows(
  windows: Tensor,
  [n, h, w, c]: readonly [number, number, number, number],
  side: number,
): Tensor {
  const open = reshape(windows, [n, h / side, w / side, side, side, c]);
  return reshape(transpose(open, [0, 1, 3, 2, 4, 5]), [n, h, w, c]);
}
