import path from 'node:path';
import { countFlops } from '../../src/graph/flops.js';
import type { Tensor } from '../../src/graph/index.js';
import { parseTrainingConfig } from '../../src/inversion/training-tasks.js';
import { packageRoot } from '../../src/package-root.js';
import { readJsonFile } from '../../src/parse-config.js';
import { Session } from '../../src/runtime/session.js';

class Counted extends Error {
  constructor(readonly flops: number) {
    super('counted');
  }
}

/**
 * Floating-point operations of a training step with the authors' settings (training/sd1-convnext.json) for one picture,
 * from its graph. `base` is a Stable Diffusion v1 checkpoint, `backbone` such as `convnext_base.…=weights.safetensors`.
 * Activations are kept, not computed again.
 */
export async function countStepFlops(base: string, backbone: string): Promise<number> {
  const file = path.join(packageRoot(), 'training', 'sd1-convnext.json');
  const content = (await readJsonFile(file)) as { data: object; trainer: object };
  const photographs = path.join(packageRoot(), 'photos');
  const data = { ...content.data, photographs, heldOut: photographs };
  const trainer = { ...content.trainer, recompute: false, accumulation: 1, batchSize: 1 };
  const config = await parseTrainingConfig({ ...content, base, backbone, data, trainer }, file);
  const compile = Session.compile.bind(Session);
  // The step's graph is all that is wanted: compiling it takes minutes and many gigabytes.
  Session.compile = (outputs, options) => {
    if ('loss' in outputs) throw new Counted(countFlops(Object.values<Tensor>(outputs)));
    return compile(outputs, options);
  };
  try {
    await config.open({ session: {}, record: () => ({}) });
  } catch (error) {
    if (error instanceof Counted) return error.flops;
    throw error;
  } finally {
    Session.compile = compile;
  }
  throw new Error('the step was opened without a graph');
}
