import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { gridCells, imageGrid } from '../../src/images/grid.js';
import type { Colour } from './pictures.js';
import { paint, plain } from './pictures.js';

const colours: Colour[] = [
  [1, 2, 3],
  [40, 50, 60],
  [70, 80, 90],
  [100, 110, 120],
  [130, 140, 150],
];
const tiles = colours.map((colour) => plain(4, 3, colour));

describe('imageGrid', () => {
  it('lays pictures out row by row and leaves empty places black', () => {
    const expected = paint(8, 9, (x, y) => {
      return colours[Math.floor(y / 3) * 2 + Math.floor(x / 4)] ?? [0, 0, 0];
    });
    expect(imageGrid(tiles, 2)).toEqual(expected);
  });

  it('is no wider than the pictures need', () => {
    const grid = imageGrid(tiles.slice(0, 2), 8);
    expect([grid.width, grid.height]).toEqual([8, 3]);
    expect(imageGrid(tiles.slice(0, 1), 1)).toEqual(tiles[0]);
  });

  it('refuses nothing and pictures of several sizes', () => {
    expect(() => imageGrid([], 2)).toThrow(new InputError('a grid needs at least one picture'));
    expect(() => imageGrid([tiles[0]!, plain(3, 4, [0, 0, 0])], 2)).toThrow(
      new InputError('a grid needs pictures of one size, got 4x3 and 3x4'),
    );
  });

  it('comes apart into its square pictures again', () => {
    const squares = colours.slice(0, 4).map((colour) => plain(3, 3, colour));
    expect(gridCells(imageGrid(squares, 2), 3)).toEqual(squares);
  });
});
