import { describe, expect, it } from 'vitest';
import { TRANSLATIONS } from '../../../src/onnx/import/ops/index.js';
import { checkRow } from './op-row.js';
import { elementwiseRows } from './op-rows/elementwise.js';
import { imageRows } from './op-rows/images.js';
import { linearAndNormRows } from './op-rows/linear-and-norms.js';
import { shapeRows } from './op-rows/shapes.js';

const rows = [...elementwiseRows, ...imageRows, ...linearAndNormRows, ...shapeRows];

it('every op that is known has rows', () => {
  const tested = new Set(rows.map(({ op }) => op));
  expect([...tested].sort()).toEqual(Object.keys(TRANSLATIONS).sort());
});

describe('an op gives ONNX Runtime’s values and slopes', () => {
  it.each(rows.map((row) => [`${row.op}, opset ${row.opset}: ${row.title}`, row] as const))(
    '%s',
    (_, row) => checkRow(row),
  );
});
