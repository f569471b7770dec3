/** The gradients of convolutions that a training step of an inverter computes. */
import {
  chosenForms,
  possibleForms,
  type InputForm,
  type WeightForm,
} from '../../src/graph/ops/conv-gradients.js';
import type { ConvAttributes } from '../../src/graph/ops/conv-ops.js';
import { show, topologicalOrder, type Node, type Tensor } from '../../src/graph/index.js';
import { inputsOf } from '../../src/graph/substitute.js';

/** A gradient of convolutions of one shape, and how often a step computes it. */
export interface GradientWork {
  readonly by: 'weight' | 'image';
  readonly isTrained: boolean;
  readonly x: Tensor;
  readonly w: Tensor;
  readonly y: Tensor;
  readonly attributes: ConvAttributes;
  readonly forms: readonly (WeightForm | InputForm)[];
  readonly chosen: WeightForm | InputForm;
  count: number;
}

/** Of the convolutions behind `output`, of which those that read one of `trained` are trained; the largest first. */
export function gradientWorks(output: Tensor, trained: ReadonlySet<string>): GradientWork[] {
  const works = new Map<string, GradientWork>();
  const depends = (tensor: Tensor): boolean =>
    inputsOf([tensor]).some(({ source }) => source.kind === 'input' && trained.has(source.name));
  for (const node of topologicalOrder([output])) {
    if (node.op.name !== 'conv2d') continue;
    for (const work of worksOf(node, depends)) {
      const { by, isTrained, x, w, attributes } = work;
      const key = [by, isTrained, show(x.shape), show(w.shape), JSON.stringify(attributes)].join();
      const known = works.get(key);
      if (known) known.count++;
      else works.set(key, work);
    }
  }
  return [...works.values()];
}

function worksOf(
  { inputs, outputs, attributes }: Node,
  depends: (x: Tensor) => boolean,
): GradientWork[] {
  const [x, w] = inputs as [Tensor, Tensor];
  const shared = { x, w, y: outputs[0]!, attributes: attributes as ConvAttributes, count: 1 };
  const possible = possibleForms(w, shared.attributes);
  const chosen = chosenForms(w, shared.y, shared.attributes);
  const isTrained = depends(w);
  const works: GradientWork[] = [];
  if (isTrained)
    works.push({
      ...shared,
      by: 'weight',
      isTrained,
      forms: possible.weight,
      chosen: chosen.weight,
    });
  if (depends(x))
    works.push({ ...shared, by: 'image', isTrained, forms: possible.input, chosen: chosen.input });
  return works;
}
