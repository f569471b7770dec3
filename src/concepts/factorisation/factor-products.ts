import { input, matmul } from '../../graph/index.js';
import { Session } from '../../runtime/session.js';
import type { Vectors } from '../vectors.js';

/** A product with the data, and the matrix of inner products of the other factor's columns. */
export interface NormalEquations {
  readonly products: Vectors;
  /** [K, K] */
  readonly gram: Vectors;
}

/**
 * The big products of an alternating factorisation V ≈ H L', computed by the engine: V [N, C] is large,
 * codes H [N, K] and loadings L [C, K] (the atoms as columns) are narrow.
 */
export class FactorProducts {
  private constructor(
    private readonly v: Vectors,
    private readonly codesSide: Session<'products' | 'gram'>,
    private readonly loadingsSide: Session<'products' | 'gram'>,
  ) {}

  static async compile(v: Vectors, count: number, threads?: number): Promise<FactorProducts> {
    const data = input('v', [v.count, v.width]);
    const codes = input('factor', [v.count, count]);
    const loadings = input('factor', [v.width, count]);
    const codesSide = await Session.compile(
      {
        products: matmul(data, loadings),
        gram: matmul(loadings, loadings, { transposeA: true }),
      },
      { threads },
    );
    const loadingsSide = await Session.compile(
      {
        products: matmul(data, codes, { transposeA: true }),
        gram: matmul(codes, codes, { transposeA: true }),
      },
      { threads },
    );
    return new FactorProducts(v, codesSide, loadingsSide);
  }

  /** V L [N, K] and L'L: what the best codes for these loadings are found from. */
  forCodes(loadings: Vectors): Promise<NormalEquations> {
    return this.run(this.codesSide, loadings, this.v.count);
  }

  /** V'H [C, K] and H'H: what the best loadings for these codes are found from. */
  forLoadings(codes: Vectors): Promise<NormalEquations> {
    return this.run(this.loadingsSide, codes, this.v.width);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.codesSide.dispose(), this.loadingsSide.dispose()]);
  }

  private async run(
    session: Session<'products' | 'gram'>,
    { width, data }: Vectors,
    rows: number,
  ): Promise<NormalEquations> {
    const { products, gram } = await session.run({ v: this.v.data, factor: data });
    return {
      products: { count: rows, width, data: products },
      gram: { count: width, width, data: gram },
    };
  }
}
