import { input, type Shape } from '../graph/index.js';
import type { Parameters } from './parameters.js';

/** What a model asked for while it was traced. */
export interface Recorded<Result> {
  /** What the trace returned; its parameters are graph inputs of their names. */
  readonly result: Result;
  /** Shapes of the parameters by name. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

/** Traces a model without weights: its names and shapes follow from the code alone. */
export function recordShapes<Result>(trace: (p: Parameters) => Result): Recorded<Result> {
  const shapes = new Map<string, Shape>();
  return { result: trace(recorder(shapes, '')), shapes };
}

function recorder(shapes: Map<string, Shape>, prefix: string): Parameters {
  return {
    tensor: (name, shape) => {
      shapes.set(prefix + name, shape);
      return input(prefix + name, shape);
    },
    scope: (name) => recorder(shapes, `${prefix}${name}.`),
  };
}
