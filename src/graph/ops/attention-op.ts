/** Scaled dot-product attention among tokens [N, L, C], in several heads. */
import { applyOne, shapeError, type Emitter, type Op } from '../op.js';
import { sameShape, type Tensor, type TensorType } from '../tensor.js';
import { mul, sub } from './binary-ops.js';
import { matmul } from './matmul-op.js';
import { sum } from './reduce-ops.js';
import { reshape, transpose } from './shape-ops.js';

interface Heads {
  readonly heads: number;
}

/**
 * Query [N, L, C], key and value [N, M, C]. Output 1 are the probabilities [N, heads, L, M], a statistic for the
 * gradient: where nobody reads them, ONNX Runtime's kernel never holds more than a tile of them.
 */
export const attentionOp: Op<Heads> = {
  name: 'scaledDotProductAttention',
  infer: (inputs, { heads }) => {
    const [query, key, value] = inputs as readonly [TensorType, TensorType, TensorType];
    const name = 'scaledDotProductAttention';
    if (inputs.some(({ shape }) => shape.length !== 3)) {
      throw shapeError(name, inputs, 'needs tokens [N,L,C]');
    }
    const [n, length, width] = query.shape as readonly [number, number, number];
    const [batch, count, keyWidth] = key.shape as readonly [number, number, number];
    if (batch !== n || keyWidth !== width || !sameShape(value.shape, key.shape)) {
      throw shapeError(name, inputs, `keys and values must be [${n},M,${width}] alike`);
    }
    if (width % heads !== 0) {
      throw shapeError(name, inputs, `${width} channels do not split into ${heads} heads`);
    }
    return [
      { shape: query.shape, dtype: query.dtype },
      { shape: [n, heads, length, count], dtype: query.dtype },
    ];
  },
  // Y = P V, P = softmax(S), S = s Q Kᵀ: dP = dY Vᵀ, dS = P (dP - Σ dP P), dQ = s dS K, dK = s dSᵀ Q, dV = Pᵀ dY
  gradient: ({ inputs, outputs: [, p], gradient, attributes: { heads } }) => {
    const scale = scaleOf(inputs[0]!, heads);
    const [q, k, v, dy] = [...inputs, gradient].map((x) => splitHeads(x, heads));
    const dp = matmul(dy!, v!, { transposeB: true });
    const ds = mul(p!, sub(dp, sum(mul(dp, p!), [-1], true)));
    return [
      mul(matmul(ds, k!), scale),
      mul(matmul(ds, q!, { transposeA: true }), scale),
      matmul(p!, dy!, { transposeA: true }),
    ].map(joinHeads);
  },
  emit: (e, { heads }) => {
    if (e.device === 'cpu' && !e.isRead(1)) {
      const options = { domain: 'com.microsoft', outputs: [e.outputs[0]!] };
      e.node('MultiHeadAttention', e.inputs, { num_heads: heads }, options);
    } else {
      emitChain(e, heads);
    }
  },
};

function emitChain(e: Emitter, heads: number): void {
  const step = (
    type: string,
    inputs: readonly string[],
    attributes: Parameters<Emitter['node']>[2] = {},
    output = e.temporary(),
  ): string => {
    e.node(type, inputs, attributes, { outputs: [output] });
    return output;
  };
  const perHead = (i: number, perm: readonly number[]): string => {
    const [n, length, width] = e.inputTypes[i]!.shape as readonly [number, number, number];
    const shape = e.int64([n, length, heads, width / heads]);
    return step('Transpose', [step('Reshape', [e.inputs[i]!, shape])], { perm });
  };
  const { shape } = e.inputTypes[0]!;
  const [y, probabilities] = e.outputs as readonly [string, string];
  const scale = e.constant(Float32Array.of(scaleOf(e.inputTypes[0]!, heads)), []);
  const query = step('Mul', [perHead(0, [0, 2, 1, 3]), scale]);
  const scores = step('MatMul', [query, perHead(1, [0, 2, 3, 1])]);
  step('Softmax', [scores], { axis: -1 }, probabilities);
  const mixed = step('MatMul', [probabilities, perHead(2, [0, 2, 1, 3])]);
  const joined = step('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  step('Reshape', [joined, e.int64(shape)], {}, y);
}

/** (C / heads)^-½ */
const scaleOf = ({ shape }: TensorType, heads: number): number => (shape[2]! / heads) ** -0.5;

/** [N, L, C] to [N, heads, L, C / heads]. */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [n, length, width] = x.shape as [number, number, number];
  return transpose(reshape(x, [n, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [N, heads, L, d] to [N, L, heads · d]. */
function joinHeads(x: Tensor): Tensor {
  const [n, heads, length, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [n, length, heads * width]);
}

/**
 * softmax(Q Kᵀ / √d) V in each head of d = C / heads channels (Vaswani et al. 2017): query [N, L, C], key and
 * value [N, M, C], result [N, L, C].
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
): Tensor {
  return applyOne(attentionOp, [query, key, value], { heads });
}
