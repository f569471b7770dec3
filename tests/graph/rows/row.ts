import type { Shape, Tensor } from '../../../src/graph/index.js';
import type { Domain } from '../check-op.js';

/** One case of one op. */
export interface Row {
  /** The op under test; the traced graph must hold it. */
  readonly op: string;
  readonly name: string;
  /** Shapes of the float operands. */
  readonly shapes: readonly Shape[];
  readonly build: (...operands: Tensor[]) => Tensor;
  /** Shape of the result. */
  readonly out: Shape;
  /** Default: 'normal'. */
  readonly domain?: Domain;
  /** Largest error of float32 values and gradients, relative to the largest element; default 1e-5. */
  readonly tolerance?: number;
}

/** Rows of one op. */
export function rows(op: string, cases: Readonly<Record<string, Omit<Row, 'op' | 'name'>>>): Row[] {
  return Object.entries(cases).map(([name, row]) => ({ op, name, ...row }));
}
