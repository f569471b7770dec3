/** At least one row for every op of the importer. */
import { elementwiseRows } from './elementwise.js';
import { imageRows } from './images.js';
import { linearAndNormRows } from './linear-and-norms.js';
import { shapeRows } from './shapes.js';

export const opRows = [...elementwiseRows, ...imageRows, ...linearAndNormRows, ...shapeRows];
