import { describe, expect, it } from 'vitest';
import type { EvaluationSummary, TransferSummary } from '../../src/evaluation/index.js';
import {
  axisLabel,
  cellLabel,
  layOut,
  perJudge,
  selectCells,
  varyingAxes,
} from '../../src/experiments/index.js';

const clean = { coordinates: { model: 'a', layer: 'x', alteration: 'none', seed: 1 } };
const attacked = [2, 8].map((n) => ({
  coordinates: { model: 'a', layer: 'x', alteration: 'PGD', epsilon: n / 255, seed: 1 },
}));
const other = { coordinates: { model: 'b', layer: 'y', alteration: 'none', seed: 1 } };
const cells = [clean, ...attacked, other];

describe('selectCells', () => {
  it('takes cells with the given coordinates, fractions as their values', () => {
    expect(selectCells(cells, {})).toEqual(cells);
    expect(selectCells(cells, { model: 'a', alteration: 'none' })).toEqual([clean]);
    expect(selectCells(cells, { epsilon: '8/255' })).toEqual([attacked[1]]);
    expect(selectCells(cells, { epsilon: 0.5 })).toEqual([]);
  });
});

describe('varyingAxes and labels', () => {
  it('tell what differs; layers follow from models', () => {
    expect(varyingAxes(cells)).toEqual(['model', 'layer', 'alteration', 'epsilon']);
    expect(cellLabel(attacked[1]!, cells)).toBe('a, PGD, epsilon 8/255');
    expect(cellLabel(other, cells)).toBe('b, as it is');
    expect(cellLabel(attacked[0]!, attacked)).toBe('epsilon 2/255');
    expect(axisLabel('pooled', true)).toBe('pooled');
    expect(axisLabel('alteration', 'gaussian_noise')).toBe('gaussian noise');
    expect(axisLabel('epsilon', 0.5)).toBe('0.5');
    expect(axisLabel('severity', undefined)).toBe('–');
  });
});

describe('layOut', () => {
  it('puts cells in their places and leaves out those without one', () => {
    const layout = layOut(cells, {
      title: 't',
      by: 'epsilon',
      series: 'alteration',
    });
    expect(layout.groups).toEqual([2 / 255, 8 / 255]);
    expect(layout.series).toEqual(['PGD']);
    expect(layout.at(8 / 255, 'PGD')).toBe(attacked[1]);
    expect(layout.at(8 / 255, 'FGSM')).toBeUndefined();
    expect(layOut([clean, other], { title: 't', by: 'model' }).at('b', undefined)).toBe(other);
  });

  it('refuses two cells in one place, naming what would tell them apart', () => {
    expect(() => layOut(cells, { title: 'Bars', by: 'model' })).toThrow(
      /"Bars": several cells share one place, they differ in alteration, epsilon; name alteration in "series"/,
    );
    expect(() => layOut([clean], { title: 'Bars', by: 'steps' })).toThrow(
      /"Bars": no cell of the grid is left/,
    );
  });
});

describe('perJudge', () => {
  it('gives each judge a cell of its own', () => {
    const judge = (layer: string): TransferSummary => ({ backbone: 'm', layer }) as TransferSummary;
    const summary = { transferCosine: [judge('1'), judge('2')] } as unknown as EvaluationSummary;
    const rows = perJudge([{ ...clean, summary }]);
    expect(rows.map(({ coordinates }) => coordinates)).toEqual([
      { ...clean.coordinates, judge: 'm 1' },
      { ...clean.coordinates, judge: 'm 2' },
    ]);
    expect(rows[1]!.summary.transferCosine).toEqual([judge('2')]);
  });
});
