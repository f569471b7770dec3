/** Functions of single elements, and of elements at the same place of several values. */
import * as graph from '../../../graph/index.js';
import { castFloat, type Tensor } from '../../../graph/index.js';
import { asTensor, elementwise, isHost, type HostArray, type Value } from '../host-array.js';
import type { OnnxNode, Translation, Translations } from '../onnx-node.js';

/** One operand: computed at import where it is known. */
const unary =
  (known: (x: number) => number, traced: (x: Tensor, node: OnnxNode) => Tensor): Translation =>
  (node) => {
    const x = node.value(0);
    return isHost(x) ? elementwise([x], x.kind, known)! : traced(x, node);
  };

/** Several operands, from left to right. */
function folded(
  known: (a: number, b: number) => number,
  traced: (a: Tensor, b: Tensor) => Tensor,
): Translation {
  return (node) =>
    node.values.reduce((a, b) => {
      if (!isHost(a) || !isHost(b)) return traced(asTensor(a), asTensor(b));
      const kind = a.kind === 'float' || b.kind === 'float' ? 'float' : a.kind;
      return elementwise([a, b], kind, known) ?? node.fail('the operands’ shapes do not fit');
    });
}

/** A mask; comparisons of traced values are tensors of booleans. */
function comparison(
  known: (a: number, b: number) => boolean,
  traced: ((a: Tensor, b: Tensor) => Tensor) | undefined,
): Translation {
  return (node) => {
    const [a, b] = [node.value(0), node.value(1)];
    if (isHost(a) && isHost(b)) {
      const compared = elementwise([a, b], 'boolean', (x, y) => Number(known(x, y)));
      return compared ?? node.fail('the operands’ shapes do not fit');
    }
    if (traced === undefined) return node.fail('its operands must be known before the run');
    return traced(asTensor(a), asTensor(b));
  };
}

const negative = (x: Tensor): Tensor => graph.sub(x, graph.relu(x));

/** log(1 + exp(x)), without overflow. */
const softplus = (x: Tensor): Tensor =>
  graph.add(graph.relu(x), graph.log(graph.add(graph.exp(graph.neg(graph.abs(x))), 1)));

function gelu(x: Tensor, node: OnnxNode): Tensor {
  if (node.text('approximate', 'none') === 'none') return graph.gelu(x);
  const cubic = graph.mul(graph.mul(x, graph.mul(x, x)), 0.044715);
  const inner = graph.mul(graph.add(x, cubic), Math.sqrt(2 / Math.PI));
  return graph.mul(graph.mul(x, 0.5), graph.add(graph.tanh(inner), 1));
}

function pow(node: OnnxNode): Value {
  const [base, exponent] = [node.value(0), node.host(1)];
  if (isHost(base)) return elementwise([base, exponent], base.kind, Math.pow)!;
  const power = exponent.data[0];
  if (exponent.data.length !== 1 || power === undefined) {
    return node.fail('its exponent must be one number');
  }
  if (power === 0.5) return graph.sqrt(base);
  if (power === -0.5) return graph.div(1, graph.sqrt(base));
  // Defined for positive bases alone, as the power itself.
  if (!Number.isInteger(power)) return graph.exp(graph.mul(graph.log(base), power));
  if (power === 0 || Math.abs(power) > 8) {
    return node.fail(`the exponent ${power} is no fraction and none of ±1 to ±8`);
  }
  const factors = Array.from({ length: Math.abs(power) }, () => base);
  const product = factors.reduce((a, b) => graph.mul(a, b));
  return power > 0 ? product : graph.div(1, product);
}

function clip(node: OnnxNode): Value {
  const bound = (index: number, name: string, fallback: number): number =>
    node.optional(index) === undefined ? node.number(name, fallback) : node.host(index).data[0]!;
  const [low, high] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  const x = node.value(0);
  if (isHost(x)) return elementwise([x], x.kind, (v) => Math.min(high, Math.max(low, v)))!;
  if (low === -Infinity && high === Infinity) return x;
  if (low === -Infinity) return graph.minimum(x, high);
  return high === Infinity ? graph.maximum(x, low) : graph.clamp(x, low, high);
}

function prelu(node: OnnxNode): Value {
  const x = node.tensor(0);
  return graph.add(graph.relu(x), graph.mul(node.tensor(1), negative(x)));
}

function where(node: OnnxNode): Value {
  const [mask, a, b] = [node.value(0), node.value(1), node.value(2)];
  if (isHost(mask) && isHost(a) && isHost(b)) {
    const kind = a.kind === 'float' || b.kind === 'float' ? 'float' : a.kind;
    const chosen = elementwise([mask, a, b], kind, (m, x, y) => (m === 0 ? y : x));
    return chosen ?? node.fail('the operands’ shapes do not fit');
  }
  if (!isHost(mask)) return graph.where(mask, asTensor(a), asTensor(b));
  // A known mask as 0 and 1 would multiply infinities: it is compared in the graph instead.
  return graph.where(graph.greater(asTensor(mask), 0.5), asTensor(a), asTensor(b));
}

/** Element types of TensorProto by what they are here. */
const FLOATS = [1, 10, 11];
const BOOLEAN = 9;

function cast(node: OnnxNode): Value {
  const [x, to] = [node.value(0), node.number('to', 1)];
  const kind: HostArray['kind'] = FLOATS.includes(to)
    ? 'float'
    : to === BOOLEAN
      ? 'boolean'
      : 'integer';
  if (isHost(x)) {
    if (x.kind === kind) return x;
    const convert = { float: Number, integer: Math.trunc, boolean: (v: number) => Number(v !== 0) };
    return elementwise([x], kind, convert[kind])!;
  }
  if (kind !== 'float') return node.fail('a computed value becomes whole numbers or booleans');
  return x.dtype === 'float32' ? x : castFloat(x);
}

const sum: Translation = folded((a, b) => a + b, graph.add);

export const ELEMENTWISE: Translations = {
  Abs: unary(Math.abs, graph.abs),
  Cos: unary(Math.cos, graph.cos),
  Exp: unary(Math.exp, graph.exp),
  Log: unary(Math.log, graph.log),
  Neg: unary((x) => -x, graph.neg),
  Reciprocal: unary(
    (x) => 1 / x,
    (x) => graph.div(1, x),
  ),
  Sign: unary(Math.sign, graph.sign),
  Sin: unary(Math.sin, graph.sin),
  Sqrt: unary(Math.sqrt, graph.sqrt),
  Ceil: unary(Math.ceil, (_, node) => node.fail('it has no useful derivative')),
  Floor: unary(Math.floor, (_, node) => node.fail('it has no useful derivative')),
  Not: unary(
    (x) => Number(x === 0),
    (_, node) => node.fail('its operand must be known before the run'),
  ),

  Elu: (node) => {
    const x = node.tensor(0);
    const below = graph.sub(graph.exp(graph.minimum(x, 0)), 1);
    return graph.add(graph.relu(x), graph.mul(below, node.number('alpha', 1)));
  },
  Erf: (node) => graph.erf(node.tensor(0)),
  Gelu: (node) => gelu(node.tensor(0), node),
  HardSigmoid: (node) => {
    const scaled = graph.mul(node.tensor(0), node.number('alpha', 0.2));
    return graph.clamp(graph.add(scaled, node.number('beta', 0.5)), 0, 1);
  },
  HardSwish: (node) => {
    const x = node.tensor(0);
    return graph.mul(x, graph.clamp(graph.add(graph.mul(x, 1 / 6), 0.5), 0, 1));
  },
  LeakyRelu: (node) => {
    const x = node.tensor(0);
    return graph.add(graph.relu(x), graph.mul(negative(x), node.number('alpha', 0.01)));
  },
  Mish: (node) => graph.mul(node.tensor(0), graph.tanh(softplus(node.tensor(0)))),
  PRelu: prelu,
  Relu: (node) => graph.relu(node.tensor(0)),
  Sigmoid: (node) => graph.sigmoid(node.tensor(0)),
  Selu: (node) => {
    const x = node.tensor(0);
    const below = graph.sub(graph.exp(graph.minimum(x, 0)), 1);
    const scaled = graph.mul(below, node.number('alpha', 1.6732632423543772));
    return graph.mul(graph.add(graph.relu(x), scaled), node.number('gamma', 1.0507009873554805));
  },
  Softsign: (node) => graph.div(node.tensor(0), graph.add(graph.abs(node.tensor(0)), 1)),
  Softplus: (node) => softplus(node.tensor(0)),
  Tanh: (node) => graph.tanh(node.tensor(0)),
  Clip: clip,
  'com.microsoft.Gelu': (node) => graph.gelu(node.tensor(0)),
  'com.microsoft.QuickGelu': (node) => {
    const x = node.tensor(0);
    return graph.mul(x, graph.sigmoid(graph.mul(x, node.number('alpha', 1.702))));
  },

  Add: sum,
  Sum: sum,
  Sub: folded((a, b) => a - b, graph.sub),
  Mul: folded((a, b) => a * b, graph.mul),
  Div: (node) => {
    const [a, b] = [node.value(0), node.value(1)];
    const whole = isHost(a) && isHost(b) && a.kind === 'integer' && b.kind === 'integer';
    return folded((x, y) => (whole ? Math.trunc(x / y) : x / y), graph.div)(node);
  },
  Mod: (node) => {
    const remainder = elementwise([node.host(0), node.host(1)], node.host(0).kind, (a, b) =>
      node.number('fmod', 0) === 1 ? a % b : ((a % b) + b) % b,
    );
    return remainder ?? node.fail('the operands’ shapes do not fit');
  },
  Max: folded(Math.max, graph.maximum),
  Min: folded(Math.min, graph.minimum),
  Mean: (node) => graph.mul(asTensor(sum(node) as Value), 1 / node.inputCount),
  Pow: pow,
  Where: where,
  Equal: comparison((a, b) => a === b, graph.equal),
  Greater: comparison((a, b) => a > b, graph.greater),
  GreaterOrEqual: comparison((a, b) => a >= b, undefined),
  Less: comparison(
    (a, b) => a < b,
    (a, b) => graph.greater(b, a),
  ),
  LessOrEqual: comparison((a, b) => a <= b, undefined),
  And: comparison((a, b) => a !== 0 && b !== 0, undefined),
  Or: comparison((a, b) => a !== 0 || b !== 0, undefined),
  Cast: cast,
};
