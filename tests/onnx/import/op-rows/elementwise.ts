import { bools, float, floats, int, ints, row, weight, type OpRow } from '../op-row.js';

const IMAGE = [2, 3, 5, 4];
const away = { domain: 'awayFromZero' } as const;
const positive = { domain: 'positive' } as const;
const known = floats([-2.5, -1, 0.5, 2]);
const onKnown = { operands: [known] } as const;
const twoInts = { operands: [ints(7, -7, 3), ints(2, 2, -2)] } as const;
const twoBools = { operands: [bools(true, true, false), bools(true, false, false)] } as const;

/** Functions of one value, each with how its values are drawn. */
const unary: OpRow[] = [
  ...['Abs', 'Elu', 'LeakyRelu', 'Relu', 'Selu', 'Softsign'].map((op) => row(op, 'x', away)),
  ...['Cos', 'Erf', 'Exp', 'Identity', 'Neg', 'Sigmoid', 'Sin', 'Softplus', 'Tanh'].map((op) =>
    row(op, 'x'),
  ),
  ...['Log', 'Sqrt', 'Reciprocal'].map((op) => row(op, 'x', positive)),
  ...['Abs', 'Ceil', 'Cos', 'Exp', 'Floor', 'Neg', 'Reciprocal', 'Sign', 'Sin'].map((op) =>
    row(op, 'of known values', onKnown),
  ),
  ...['Log', 'Sqrt'].map((op) => row(op, 'of known values', { operands: [floats([0.5, 4])] })),
  row('Not', 'of known values', { operands: [bools(true, false)] }),
  row('Sign', 'x', away),
];

const activations: OpRow[] = [
  row('Elu', 'with alpha', { ...away, attributes: { alpha: { float: 0.4 } } }),
  row('LeakyRelu', 'with alpha', { ...away, attributes: { alpha: { float: 0.3 } } }),
  row('Gelu', 'exact', { opset: 20 }),
  row('Gelu', 'by tanh', { opset: 20, attributes: { approximate: 'tanh' } }),
  row('com.microsoft.Gelu', 'exact'),
  row('com.microsoft.QuickGelu', 'with alpha', { attributes: { alpha: { float: 1.5 } } }),
  row('HardSigmoid', 'default', { x: [3, 7] }),
  row('HardSigmoid', 'of PyTorch', { x: [3, 7], attributes: { alpha: { float: 1 / 6 } } }),
  row('HardSwish', 'x', { x: [3, 7] }),
  row('Mish', 'x', { opset: 18 }),
  row('PRelu', 'one slope a channel', { ...away, operands: ['x', weight(3, 1, 1)] }),
  row('Clip', 'by attributes', {
    opset: 9,
    domain: 'distinct',
    attributes: { min: { float: -2 }, max: { float: 1 } },
  }),
  row('Clip', 'by operands', { domain: 'distinct', operands: ['x', float(-1), float(2)] }),
  row('Clip', 'from below', { domain: 'distinct', operands: ['x', float(-1)] }),
  row('Clip', 'from above', { domain: 'distinct', operands: ['x', '', float(2)] }),
  row('Clip', 'of known values', { operands: [known, float(-1), float(1)] }),
];

const arithmetic: OpRow[] = [
  ...['Add', 'Sub', 'Mul', 'Div'].flatMap((op) => [
    row(op, 'one value a channel', { operands: ['x', weight(3, 1, 1)] }),
    row(op, 'from the left', { ...positive, operands: [weight(4), 'x'] }),
    row(op, 'of known whole numbers', { operands: [ints(7, -7, 3), ints(2, 2, -2)] }),
    row(op, 'of known fractions', { operands: [weight(2, 1), weight(1, 3)] }),
  ]),
  ...['Max', 'Min'].flatMap((op) => [
    row(op, 'of two', { domain: 'distinct', operands: ['x', float(0.4)] }),
    row(op, 'of known numbers', { operands: [ints(1, 5), int(3), ints(4, 4)] }),
  ]),
  ...['Sum', 'Mean'].map((op) => row(op, 'of three', { operands: ['x', weight(4), 'x'] })),
  row('Mod', 'of whole numbers', twoInts),
  row('Mod', 'of fractions', {
    operands: [floats([7.5, -7.5]), floats([2, 2])],
    attributes: { fmod: 1 },
  }),
  ...[2, 3, -1].map((power) =>
    row('Pow', `x^${power}`, { ...away, operands: ['x', float(power)] }),
  ),
  ...[0.5, -0.5, 1.7].map((power) =>
    row('Pow', `x^${power}`, { ...positive, operands: ['x', float(power)] }),
  ),
  row('Pow', 'of known numbers', { operands: [ints(2, 3), int(3)] }),
];

const choices: OpRow[] = [
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op) =>
    row(op, 'of known numbers', { operands: [ints(1, 2, 3), int(2)] }),
  ),
  ...['Equal', 'Greater', 'Less'].map((op) =>
    row(op, 'of x', { domain: 'distinct', operands: ['x', float(0.2)] }),
  ),
  ...['And', 'Or'].map((op) => row(op, 'of known masks', twoBools)),
  row('Where', 'a known mask', { operands: [bools(true, false, true, false), 'x', float(3)] }),
  row('Where', 'known numbers', { operands: [bools(true, false), ints(1, 2), ints(3, 4)] }),
  ...[1, 6, 7, 9].map((to) =>
    row('Cast', `known fractions to ${to}`, { ...onKnown, attributes: { to } }),
  ),
  row('Cast', 'x to float', { x: IMAGE, attributes: { to: 1 } }),
];

export const elementwiseRows = [...unary, ...activations, ...arithmetic, ...choices];
