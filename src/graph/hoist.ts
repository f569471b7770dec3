/** Splits off what a loop would compute again and again, as a pure function. */
import { substitute } from './substitute.js';
import { input, topologicalOrder, type Tensor } from './tensor.js';

export interface Hoisted {
  /** What to compute once, by the name of the input of `rest` that takes its value. */
  readonly once: Readonly<Record<string, Tensor>>;
  /** The given output, computed from these and from what changes. */
  readonly rest: Tensor;
}

export interface HoistedInputs {
  /** Inputs that keep their values over the loop: all that follows from them alone is split off. */
  readonly steady: ReadonlySet<string>;
  /**
   * Inputs that change. What depends on neither, such as a weight in another layout, stays where it is: to keep
   * it from one run to the next would cost memory.
   */
  readonly changing: ReadonlySet<string>;
}

/** Splits `output` into what depends on steady inputs and on no changing one, and the rest. */
export function hoist(output: Tensor, { steady, changing }: HoistedInputs): Hoisted {
  const isChanging = behind(output, changing);
  const isSteady = behind(output, steady);
  const once: Record<string, Tensor> = {};
  const replacements = new Map<Tensor, Tensor>();
  for (const node of topologicalOrder([output])) {
    if (!isChanging(node.outputs[0]!)) continue;
    for (const operand of node.inputs) {
      if (operand.source.kind !== 'node' || isChanging(operand) || !isSteady(operand)) continue;
      if (operand.dtype !== 'float32' || replacements.has(operand)) continue;
      const name = `once.${replacements.size}`;
      replacements.set(operand, input(name, operand.shape));
      once[name] = operand;
    }
  }
  return { once, rest: substitute([output], replacements)[0]! };
}

/** Whether a tensor of the graph depends on one of the inputs of these names. */
function behind(output: Tensor, names: ReadonlySet<string>): (tensor: Tensor) => boolean {
  const found = new Set<Tensor>();
  const depends = (tensor: Tensor): boolean =>
    found.has(tensor) || (tensor.source.kind === 'input' && names.has(tensor.source.name));
  for (const node of topologicalOrder([output])) {
    if (node.inputs.some(depends)) for (const made of node.outputs) found.add(made);
  }
  return depends;
}
