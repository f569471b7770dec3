/** Layers and their parameters. Knows the graph; knows no model and no training. */
export * from './attention.js';
export * from './initialisers.js';
export * from './layers.js';
export * from './parameters.js';
export * from './recorded-shapes.js';
