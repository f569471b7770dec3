import path from 'node:path';
import { parseTrainingConfig } from '../../src/inversion/training-tasks.js';
import { packageRoot } from '../../src/package-root.js';
import { readJsonFile } from '../../src/parse-config.js';

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
  const task = await config.open({ session: {}, record: () => ({}) });
  return task.flops!;
}
