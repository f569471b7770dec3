/**
 * The innermost loop of matrix products as WebAssembly with 128-bit vectors: JavaScript has none, and is
 * four times slower. Every platform of ONNX Runtime has them. The code is assembled here, so that no build
 * step and no binary file is needed.
 */

/** Rows on either side of a tile. */
export const TILE = 4;

const BYTES = 8;
const PAGE_BYTES = 65536;

/** Computes tiles in memory of its own, which callers fill through `values`. */
export interface TileKernel {
  /** All of the kernel's memory. The first 16 numbers receive the tile. */
  readonly values: Float64Array;
  /**
   * values[4 r + c] = Σ over p < depth of values[first + 4 p + r] · values[second + 4 p + c], for r and c
   * below 4; `depth` is at least 1.
   */
  multiply(first: number, second: number, depth: number): void;
}

/** A kernel with memory for `count` numbers beside the tile, which begin at number 16. */
export function tileKernel(count: number): TileKernel {
  const bytes = (count + TILE * TILE) * BYTES;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble()), {
    '': { '': memory },
  });
  const multiply = exports['']!;
  return {
    values: new Float64Array(memory.buffer),
    multiply: (first, second, depth) =>
      multiply(first * BYTES, second * BYTES, (first + TILE * depth) * BYTES),
  };
}

/** What is used of WebAssembly, whose types come with browsers only. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, (...addresses: number[]) => void>> };
};

const I32 = 0x7f;
const V128 = 0x7b;

/** Operations on the stack, by their names in the specification. */
const op = {
  localGet: (index: number) => [0x20, index],
  localSet: (index: number) => [0x21, index],
  i32Const: (value: number) => [0x41, ...unsigned(value)],
  i32Add: [0x6a],
  i32LessUnsigned: [0x49],
  loop: [0x03, 0x40],
  branchIf: (depth: number) => [0x0d, depth],
  end: [0x0b],
  v128Load: (offset: number) => [0xfd, 0x00, ...aligned(offset)],
  v128Load64Splat: (offset: number) => [0xfd, 0x0a, ...aligned(offset)],
  v128Store: (offset: number) => [0xfd, 0x0b, ...aligned(offset)],
  f64x2Add: [0xfd, ...unsigned(0xf0)],
  f64x2Mul: [0xfd, ...unsigned(0xf2)],
};

/** Alignment to 2³ bytes and an offset. */
function aligned(offset: number): number[] {
  return [3, ...unsigned(offset)];
}

/** LEB128. Constants below 64 have the same bytes as signed ones. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** A module whose one function takes three addresses: of both panels, and of the first one's end. */
function assemble(): Uint8Array {
  const section = (id: number, content: readonly number[]): number[] => [
    id,
    ...unsigned(content.length),
    ...content,
  ];
  const locals = [1, 2 + 1 + 2 * TILE, V128];
  const code = [...locals, ...tileLoop()];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(2, [1, 0, 0, 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, 0, 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

function tileLoop(): number[] {
  const { localGet, localSet } = op;
  const [first, second, firstEnd, left, right, splat, sums] = [0, 1, 2, 3, 4, 5, 6] as const;
  const advance = (address: number): number[] => [
    ...[...localGet(address), ...op.i32Const(TILE * BYTES), ...op.i32Add, ...localSet(address)],
  ];
  /** sums[half] += splat · (left or right) */
  const accumulate = (sum: number, half: number): number[] => [
    ...[...localGet(sum), ...localGet(splat), ...localGet(half), ...op.f64x2Mul],
    ...[...op.f64x2Add, ...localSet(sum)],
  ];
  const rows = Array.from({ length: TILE }, (_, r) => r);
  return [
    ...op.loop,
    ...[...localGet(second), ...op.v128Load(0), ...localSet(left)],
    ...[...localGet(second), ...op.v128Load(2 * BYTES), ...localSet(right)],
    ...rows.flatMap((r) => [
      ...[...localGet(first), ...op.v128Load64Splat(r * BYTES), ...localSet(splat)],
      ...accumulate(sums + 2 * r, left),
      ...accumulate(sums + 2 * r + 1, right),
    ]),
    ...[...advance(second), ...advance(first)],
    ...[...localGet(first), ...localGet(firstEnd), ...op.i32LessUnsigned, ...op.branchIf(0)],
    ...op.end,
    ...Array.from({ length: 2 * TILE }, (_, half) => [
      ...[...op.i32Const(0), ...localGet(sums + half), ...op.v128Store(2 * half * BYTES)],
    ]).flat(),
    ...op.end,
  ];
}
