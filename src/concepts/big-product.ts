/** Products with a large matrix, computed by the engine a block of rows at a time. */
import { input, matmul } from '../graph/index.js';
import { Session } from '../runtime/session.js';
import { rowOf, vectors, type Vectors } from './vectors.js';

/** Values that one product may have, 64 MiB of float32: what bounds its memory. */
const MOST_VALUES = 2 ** 24;
const MOST_ROWS = 2000;

/** All inner products of a few vectors with every row of a matrix [N, C]. */
export class RowProducts {
  private constructor(
    private readonly rows: Vectors,
    /** Vectors that one run takes. */
    readonly blockSize: number,
    private readonly session: Session<'products'>,
  ) {}

  static async compile(rows: Vectors, threads?: number): Promise<RowProducts> {
    const blockSize = Math.max(
      1,
      Math.min(rows.count, MOST_ROWS, Math.floor(MOST_VALUES / rows.count)),
    );
    const block = input('block', [blockSize, rows.width]);
    const all = input('rows', [rows.count, rows.width]);
    const products = matmul(block, all, { transposeB: true });
    return new RowProducts(rows, blockSize, await Session.compile({ products }, { threads }));
  }

  /** block · rows', [block.count, N]; the block has at most `blockSize` vectors. */
  async run(block: Vectors): Promise<Vectors> {
    const { blockSize, rows } = this;
    const full = block.count === blockSize ? block : padded(block, blockSize);
    const { products } = await this.session.run({ block: full.data, rows: rows.data });
    const data = products.subarray(0, block.count * rows.count);
    return { count: block.count, width: rows.count, data };
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

/** All inner products of the rows with each other, [N, N]. */
export async function gramMatrix(products: RowProducts, rows: Vectors): Promise<Vectors> {
  const gram = vectors(rows.count, rows.count);
  for (let start = 0; start < rows.count; start += products.blockSize) {
    const count = Math.min(products.blockSize, rows.count - start);
    const from = start * rows.width;
    const block = { ...rows, count, data: rows.data.subarray(from, from + count * rows.width) };
    gram.data.set((await products.run(block)).data, start * rows.count);
  }
  return gram;
}

/** rows' · rows, [C, C]: for centred rows their covariance times N. */
export async function scatterMatrix(rows: Vectors, threads?: number): Promise<Vectors> {
  const x = input('x', [rows.count, rows.width]);
  const scatter = matmul(x, x, { transposeA: true });
  const session = await Session.compile({ scatter }, { threads });
  const { scatter: data } = await session.run({ x: rows.data });
  await session.dispose();
  return { count: rows.width, width: rows.width, data };
}

function padded(block: Vectors, count: number): Vectors {
  const out = vectors(count, block.width);
  for (let i = 0; i < block.count; i++) rowOf(out, i).set(rowOf(block, i));
  return out;
}
