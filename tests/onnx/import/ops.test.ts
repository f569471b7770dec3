import { describe, expect, it } from 'vitest';
import { TRANSLATIONS } from '../../../src/onnx/import/ops/index.js';
import { checkRow } from './op-row.js';
import { opRows } from './op-rows/index.js';

it('every op that is known has rows', () => {
  const tested = new Set(opRows.map(({ op }) => op));
  expect([...tested].sort()).toEqual(Object.keys(TRANSLATIONS).sort());
});

describe('an op gives ONNX Runtime’s values and slopes', () => {
  it.each(opRows.map((row) => [`${row.op}, opset ${row.opset}: ${row.title}`, row] as const))(
    '%s',
    (_, row) => checkRow(row),
  );
});
