import * as g from '../../../src/graph/index.js';
import { rows, type Row } from './row.js';

export const reductionRows: readonly Row[] = [
  ...rows('sum', {
    'all axes': { shapes: [[2, 3]], build: (x) => g.sum(x), out: [] },
    'inner axes': { shapes: [[2, 3, 4]], build: (x) => g.sum(x, [1, -1]), out: [2] },
    'axes stay': { shapes: [[2, 3]], build: (x) => g.sum(x, [0], true), out: [1, 3] },
    'one element': { shapes: [[1]], build: (x) => g.sum(x), out: [] },
    'mean over one axis': { shapes: [[2, 3]], build: (x) => g.mean(x, [1]), out: [2] },
    'mean over an axis named twice': {
      shapes: [[2, 3]],
      build: (x) => g.mean(x, [1, -1]),
      out: [2],
    },
    'mean of everything': { shapes: [[2, 3]], build: (x) => g.mean(x), out: [] },
    'global average pooling': {
      shapes: [[2, 3, 2, 4]],
      build: (x) => g.globalAveragePool(x),
      out: [2, 3],
    },
  }),
  ...rows('max', {
    'all axes': { shapes: [[3, 4]], build: (x) => g.max(x), out: [], domain: 'distinct' },
    'one axis': { shapes: [[3, 4]], build: (x) => g.max(x, [1]), out: [3], domain: 'distinct' },
    'axes stay': {
      shapes: [[2, 3, 2]],
      build: (x) => g.max(x, [0, 2], true),
      out: [1, 3, 1],
      domain: 'distinct',
    },
  }),
  ...rows('topKMask', {
    'some of each row': {
      shapes: [[2, 3, 5]],
      build: (x) => g.castFloat(g.topKMask(x, 2)),
      out: [2, 3, 5],
      domain: 'distinct',
    },
    'the first of equal ones': {
      shapes: [[3, 4]],
      build: (x) => g.castFloat(g.topKMask(g.mul(g.sign(x), 2), 3)),
      out: [3, 4],
    },
    'the whole row': {
      shapes: [[4]],
      build: (x) => g.where(g.topKMask(x, 4), x, 0),
      out: [4],
    },
  }),
  ...rows('softmax', {
    rows: { shapes: [[3, 4]], build: (x) => g.softmax(x), out: [3, 4] },
    'large scores': { shapes: [[2, 2, 3]], build: (x) => g.softmax(g.mul(x, 20)), out: [2, 2, 3] },
    'one class': { shapes: [[3, 1]], build: (x) => g.softmax(x), out: [3, 1] },
  }),
  ...rows('standardise', {
    rows: { shapes: [[3, 5]], build: (x) => g.standardise(x, 1e-5), out: [3, 5] },
    'a large epsilon': { shapes: [[2, 2, 3]], build: (x) => g.standardise(x, 0.5), out: [2, 2, 3] },
    'far from zero': {
      shapes: [[2, 6]],
      build: (x) => g.standardise(g.add(x, 30), 1e-5),
      out: [2, 6],
      tolerance: 1e-4,
    },
  }),
  ...rows('maxPool2d', {
    'windows side by side': {
      shapes: [[1, 2, 4, 6]],
      build: (x) => g.maxPool2d(x, 2, 2, 0),
      out: [1, 2, 2, 3],
      domain: 'distinct',
    },
    'windows that overlap': {
      shapes: [[1, 1, 5, 5]],
      build: (x) => g.maxPool2d(x, 3, 2, 0),
      out: [1, 1, 2, 2],
      domain: 'distinct',
    },
    'windows with padding': {
      shapes: [[2, 1, 4, 5]],
      build: (x) => g.maxPool2d(x, 3, 2, 1),
      out: [2, 1, 2, 3],
      domain: 'distinct',
    },
    'stride 1': {
      shapes: [[1, 2, 3, 3]],
      build: (x) => g.maxPool2d(x, 2, 1, 1),
      out: [1, 2, 4, 4],
      domain: 'distinct',
    },
    'padded unevenly': {
      shapes: [[1, 2, 5, 4]],
      build: (x) => g.maxPool2d(x, 3, 2, [1, 0, 2, 1]),
      out: [1, 2, 3, 2],
      domain: 'distinct',
    },
  }),
];
