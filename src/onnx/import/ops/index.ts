/**
 * Every ONNX op that can be part of a traced graph. A new one is an entry in a file of this folder, and a row
 * of tests/onnx/import/op-rows.
 */
import type { Translations } from '../onnx-node.js';
import { CONVOLUTIONS } from './convolutions.js';
import { ELEMENTWISE } from './elementwise.js';
import { INDEXING } from './indexing.js';
import { MATRIX_PRODUCTS } from './matrix-products.js';
import { NORMALISATIONS } from './normalisations.js';
import { RESIZING } from './resizing.js';
import { SHAPES } from './shapes.js';

export const TRANSLATIONS: Translations = {
  ...ELEMENTWISE,
  ...CONVOLUTIONS,
  ...RESIZING,
  ...MATRIX_PRODUCTS,
  ...NORMALISATIONS,
  ...SHAPES,
  ...INDEXING,
};
