import * as g from '../../../src/graph/index.js';
import type { Tensor } from '../../../src/graph/index.js';
import { toFloat16 } from '../../../src/checkpoints/float16.js';
import type { Domain } from '../check-op.js';
import { rows, type Row } from './row.js';

const unary = (op: string, f: (x: Tensor) => Tensor, domain: Domain = 'normal'): Row[] =>
  rows(op, {
    'a matrix': { shapes: [[3, 5]], build: f, out: [3, 5], domain },
    'no axes': { shapes: [[]], build: f, out: [], domain },
  });

const binary = (op: string, f: (a: Tensor, b: Tensor) => Tensor, domain: Domain): Row[] =>
  rows(op, {
    'equal shapes': {
      shapes: [
        [2, 3],
        [2, 3],
      ],
      build: f,
      out: [2, 3],
      domain,
    },
    'a row for each matrix': { shapes: [[2, 3, 4], [4]], build: f, out: [2, 3, 4], domain },
    'a column on the left': {
      shapes: [
        [3, 1],
        [2, 3, 4],
      ],
      build: f,
      out: [2, 3, 4],
      domain,
    },
    'both repeated': {
      shapes: [
        [3, 1],
        [1, 4],
      ],
      build: f,
      out: [3, 4],
      domain,
    },
    'a scalar': { shapes: [[], [2, 2]], build: f, out: [2, 2], domain },
    'axes of size 1 in both': {
      shapes: [
        [1, 1],
        [2, 1, 1],
      ],
      build: f,
      out: [2, 1, 1],
      domain,
    },
    'one operand twice': { shapes: [[2, 3]], build: (a) => f(a, a), out: [2, 3], domain },
  });

/** An operand used twice is a tie everywhere: maximum and minimum have it in their own tests. */
const withoutTies = (all: Row[]): Row[] => all.filter(({ name }) => name !== 'one operand twice');

const mask = g.constant(Uint8Array.of(1, 0, 0, 1, 1, 0), [2, 3]);
const column = g.constant(Uint8Array.of(0, 1), [2, 1]);

export const elementwiseRows: readonly Row[] = [
  ...unary('neg', g.neg),
  ...unary('exp', g.exp),
  ...unary('log', g.log, 'positive'),
  ...unary('sqrt', g.sqrt, 'positive'),
  ...unary('abs', g.abs, 'awayFromZero'),
  ...unary('sign', g.sign, 'awayFromZero'),
  ...unary('sin', g.sin),
  ...unary('cos', g.cos),
  ...unary('tanh', g.tanh),
  ...unary('sigmoid', g.sigmoid),
  ...unary('erf', g.erf),
  ...unary('relu', g.relu, 'awayFromZero'),
  ...unary('silu', g.silu),
  ...unary('gelu', g.gelu),
  ...rows('gelu', {
    'far from zero': { shapes: [[8]], build: (x) => g.gelu(g.mul(x, 30)), out: [8] },
  }),
  ...rows('silu', {
    'far from zero': {
      shapes: [[8]],
      build: (x) => g.silu(g.mul(x, 30)),
      out: [8],
    },
  }),
  ...rows('sigmoid', {
    'GELU of CLIP': { shapes: [[3, 4]], build: g.quickGelu, out: [3, 4] },
  }),

  ...binary('add', g.add, 'normal'),
  ...binary('sub', g.sub, 'normal'),
  ...binary('mul', g.mul, 'normal'),
  ...binary('div', g.div, 'awayFromZero'),
  ...withoutTies(binary('maximum', g.maximum, 'distinct')),
  ...withoutTies(binary('minimum', g.minimum, 'distinct')),
  ...rows('sub', {
    'numbers on either side': {
      shapes: [[2, 2]],
      build: (x) => g.sub(1, g.sub(x, 0.25)),
      out: [2, 2],
    },
  }),

  ...rows('clamp', {
    'both bounds': {
      shapes: [[20]],
      build: (x) => g.clamp(x, -0.5, 0.4),
      out: [20],
      domain: 'distinct',
    },
    relu6: {
      shapes: [[4, 5]],
      build: (x) => g.relu6(g.mul(x, 7)),
      out: [4, 5],
      domain: 'distinct',
    },
  }),
  ...rows('where', {
    'equal shapes': {
      shapes: [
        [2, 3],
        [2, 3],
      ],
      build: (a, b) => g.where(mask, a, b),
      out: [2, 3],
    },
    'a repeated mask': {
      shapes: [[2, 3], [3]],
      build: (a, b) => g.where(column, a, b),
      out: [2, 3],
    },
    'repeated operands': {
      shapes: [[1], []],
      build: (a, b) => g.where(mask, a, b),
      out: [2, 3],
    },
    'a computed mask': {
      shapes: [[4], [4]],
      build: (a, b) => g.where(g.greater(a, b), g.mul(a, 2), b),
      out: [4],
      domain: 'distinct',
    },
  }),
  ...rows('greater', {
    broadcasting: {
      shapes: [[2, 3], [3]],
      build: (a, b) => g.castFloat(g.greater(a, b)),
      out: [2, 3],
      domain: 'distinct',
    },
  }),
  ...rows('equal', {
    'some equal': {
      shapes: [[2, 3]],
      build: (a) => g.castFloat(g.equal(a, g.mul(g.constant([1, 2, 1], [3]), a))),
      out: [2, 3],
      domain: 'awayFromZero',
    },
    integers: {
      shapes: [[3]],
      build: (a) =>
        g.mul(
          a,
          g.castFloat(
            g.equal(
              g.constant(BigInt64Array.of(1n, -2n, 3n), [3]),
              g.constant(BigInt64Array.of(1n, 2n, 3n), [3]),
            ),
          ),
        ),
      out: [3],
    },
  }),
  ...rows('segmentBorder', {
    'a matrix': { shapes: [[2, 3]], build: (x) => g.segmentBorder(g.mul(x, x)), out: [2, 3] },
  }),
  ...rows('after', {
    'a matrix after another': {
      shapes: [
        [2, 3],
        [4, 1],
      ],
      build: (x, event) => g.mul(g.after(x, g.exp(event)), g.after(x, g.sum(event))),
      out: [2, 3],
    },
    'no axes': {
      shapes: [[], [2]],
      build: (x, event) => g.mul(g.after(x, event), x),
      out: [],
    },
  }),
  ...rows('castFloat', {
    'a mask': { shapes: [[2, 3]], build: (x) => g.mul(x, g.castFloat(mask)), out: [2, 3] },
    'half precision': {
      shapes: [[3]],
      build: (x) =>
        g.mul(x, g.castFloat(g.constant(toFloat16(Float32Array.of(0.1, -65504, 6e-8)), [3]))),
      out: [3],
    },
    integers: {
      shapes: [[2]],
      build: (x) => g.add(x, g.castFloat(g.constant(BigInt64Array.of(-7n, 9n), [2]))),
      out: [2],
    },
  }),
];
