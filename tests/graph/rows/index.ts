import { elementwiseRows } from './elementwise-rows.js';
import { linearRows } from './linear-rows.js';
import { reductionRows } from './reduction-rows.js';
import type { Row } from './row.js';
import { shapeRows } from './shape-rows.js';

/** Every row of every op. */
export const allRows: readonly Row[] = [
  ...elementwiseRows,
  ...linearRows,
  ...reductionRows,
  ...shapeRows,
];
