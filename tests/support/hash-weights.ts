/**
 * Weights from a formula of their name and index, the twin of reference/shared/hash_weights.py: value i of
 * the tensor called `name` is offset + scale · u, where u in [-1, 1) are the upper 24 bits of splitmix64 of
 * fnv1a64(name) and i.
 */
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { sizeOf, type Shape } from '../../src/graph/index.js';

/** A 64-bit number as two unsigned halves. */
type Wide = readonly [high: number, low: number];

function fnv1a64(name: string): Wide {
  let value = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name, 'utf8')) {
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  }
  return [Number(value >> 32n), Number(value & 0xffffffffn)];
}

/** Upper half of a 32×32-bit product. */
function multiplyHigh(a: number, b: number): number {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = ah * bl + ((al * bl) >>> 16);
  return (ah * bh + Math.floor((middle + al * bh) / 65536)) >>> 0;
}

/** Multiples of 2⁻²³ in [-1, 1), [count]. */
export function hashUniform(name: string, count: number): Float64Array {
  const out = new Float64Array(count);
  // BigInt would take minutes for the tens of millions of weights of a network.
  let [high, low] = fnv1a64(name);
  for (let i = 0; i < count; i++) {
    const next = low + 0x7f4a7c15;
    low = next >>> 0;
    high = (high + 0x9e3779b9 + (next > 0xffffffff ? 1 : 0)) >>> 0;
    let l = low ^ ((low >>> 30) | (high << 2));
    let h = high ^ (high >>> 30);
    let product = Math.imul(l, 0x1ce4e5b9);
    h = multiplyHigh(l >>> 0, 0x1ce4e5b9) + Math.imul(l, 0xbf58476d) + Math.imul(h, 0x1ce4e5b9);
    l = product ^ ((product >>> 27) | (h << 5));
    h = h ^ (h >>> 27);
    product = multiplyHigh(l >>> 0, 0x133111eb);
    h = (product + Math.imul(l, 0x94d049bb) + Math.imul(h, 0x133111eb)) | 0;
    h = h ^ (h >>> 31);
    out[i] = (h >>> 8) * 2 ** -23 - 1;
  }
  return out;
}

/** Keeps activations near 1: unit gain of matrices and kernels, scales of norms near 1. */
function offsetAndScale(name: string, shape: Shape): readonly [number, number] {
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (last === 'running_var') return [1, 0.5];
  // Some lie above ln 100, where Swin V2 clamps.
  if (last === 'logit_scale') return [2.5, 2.5];
  if (last === 'weight' && shape.length >= 2) return [0, Math.sqrt(3 / sizeOf(shape.slice(1)))];
  if (last === 'weight' || last === 'gamma') return [1, 0.25];
  return [0, shape.length >= 2 ? 0.5 : 0.1];
}

export function hashValues(name: string, shape: Shape): Float32Array {
  const [offset, scale] = offsetAndScale(name, shape);
  const values = hashUniform(name, sizeOf(shape));
  // `Float32Array.from` with a function takes ten times as long.
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * scale + offset;
  return new Float32Array(values);
}

/** All tensors of a model, from their shapes. */
export function hashWeights(shapes: ReadonlyMap<string, Shape>): NamedTensors {
  return new Map(
    [...shapes].map(([name, shape]) => [name, { shape, data: hashValues(name, shape) }]),
  );
}
