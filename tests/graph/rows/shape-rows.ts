import * as g from '../../../src/graph/index.js';
import { rows, type Row } from './row.js';

const indices = (values: readonly number[], shape: g.Shape): g.Tensor =>
  g.constant(BigInt64Array.from(values, BigInt), shape);

export const shapeRows: readonly Row[] = [
  ...rows('reshape', {
    'a flat vector': { shapes: [[2, 3]], build: (x) => g.reshape(x, [6]), out: [6] },
    'an inferred size': { shapes: [[2, 3, 4]], build: (x) => g.reshape(x, [4, -1]), out: [4, 6] },
    'no axes': { shapes: [[1, 1]], build: (x) => g.reshape(x, []), out: [] },
  }),
  ...rows('transpose', {
    'two axes': { shapes: [[2, 3]], build: (x) => g.transpose(x, [1, 0]), out: [3, 2] },
    'a cycle of four': {
      shapes: [[2, 3, 4, 1]],
      build: (x) => g.transpose(x, [2, 0, 3, 1]),
      out: [4, 2, 1, 3],
    },
    'pixels to channels': {
      shapes: [[1, 2, 4, 6]],
      build: (x) => g.spaceToDepth(x, 2),
      out: [1, 8, 2, 3],
    },
    'channels to pixels': {
      shapes: [[1, 8, 2, 1]],
      build: (x) => g.depthToSpace(x, 2),
      out: [1, 2, 4, 2],
    },
  }),
  ...rows('slice', {
    'one axis': {
      shapes: [[3, 5]],
      build: (x) => g.slice(x, [{ axis: 1, start: 1, end: 4 }]),
      out: [3, 3],
    },
    'from the end': {
      shapes: [[3, 5]],
      build: (x) => g.slice(x, [{ axis: -2, start: 1, end: 3 }]),
      out: [2, 5],
    },
    'step 2 that ends early': {
      shapes: [[7]],
      build: (x) => g.slice(x, [{ axis: 0, start: 1, end: 6, step: 2 }]),
      out: [3],
    },
    'steps on two axes': {
      shapes: [[2, 5, 6]],
      build: (x) =>
        g.slice(x, [
          { axis: 2, start: 0, end: 6, step: 3 },
          { axis: 1, start: 2, end: 5, step: 2 },
        ]),
      out: [2, 2, 2],
    },
    'a step beyond the axis': {
      shapes: [[2, 3]],
      build: (x) => g.slice(x, [{ axis: 1, start: 2, end: 3, step: 9 }]),
      out: [2, 1],
    },
    'parts that are used separately': {
      shapes: [[2, 6]],
      build: (x) => {
        const [a, b, c] = g.split(x, 3, -1);
        return g.add(g.mul(a!, b!), c!);
      },
      out: [2, 2],
    },
  }),
  ...rows('pad', {
    'every side': {
      shapes: [[2, 3]],
      build: (x) => g.pad(x, [1, 0], [0, 2]),
      out: [3, 5],
    },
    'zeros between': {
      shapes: [[2, 3]],
      build: (x) => g.insertZeros(x, 1, 3),
      out: [2, 7],
    },
    'zeros between rows': {
      shapes: [[3, 2]],
      build: (x) => g.insertZeros(x, 0, 2),
      out: [5, 2],
    },
  }),
  ...rows('concat', {
    'two of different length': {
      shapes: [
        [2, 3],
        [2, 1],
      ],
      build: (a, b) => g.concat([a, b], 1),
      out: [2, 4],
    },
    'from the end': {
      shapes: [
        [2, 1, 2],
        [1, 1, 2],
        [3, 1, 2],
      ],
      build: (...all) => g.concat(all, -3),
      out: [6, 1, 2],
    },
    'one operand twice': { shapes: [[2, 2]], build: (a) => g.concat([a, a], 0), out: [4, 2] },
  }),
  ...rows('broadcastTo', {
    'new axes': { shapes: [[3]], build: (x) => g.broadcastTo(x, [2, 2, 3]), out: [2, 2, 3] },
    'inner axes': {
      shapes: [[2, 1, 3]],
      build: (x) => g.broadcastTo(x, [2, 4, 3]),
      out: [2, 4, 3],
    },
    'no axes': { shapes: [[]], build: (x) => g.broadcastTo(x, [2, 2]), out: [2, 2] },
    'nearest neighbours': {
      shapes: [[1, 2, 2, 3]],
      build: (x) => g.upsampleNearest(x, 2),
      out: [1, 2, 4, 6],
    },
  }),
  ...rows('reverse', {
    'one axis': { shapes: [[2, 3]], build: (x) => g.reverse(x, [1]), out: [2, 3] },
    'two axes': { shapes: [[2, 3, 2]], build: (x) => g.reverse(x, [0, 2]), out: [2, 3, 2] },
  }),
  ...rows('gatherRows', {
    'repeated rows': {
      shapes: [[4, 3]],
      build: (x) => g.gatherRows(x, indices([2, 0, 2, 2], [4])),
      out: [4, 3],
    },
    'a table of indices': {
      shapes: [[3, 2]],
      build: (x) => g.gatherRows(x, indices([1, 1, 0, 2, 1, 0], [2, 3])),
      out: [2, 3, 2],
    },
    'one row': { shapes: [[3, 2]], build: (x) => g.gatherRows(x, indices([1], [])), out: [2] },
  }),
];
