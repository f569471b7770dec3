import type * as ort from 'onnxruntime-node';
import { WorkError } from '../errors.js';
import type { TensorType } from '../graph/tensor.js';

/**
 * A value where a session has computed it: in the GPU's memory, or in host memory on the CPU. It can be
 * fed to any session of the same device. `Transfer` reads it; garbage collection does not free it.
 */
export class DeviceTensor {
  private held: ort.Tensor | undefined;

  constructor(
    value: ort.Tensor,
    readonly type: TensorType,
  ) {
    this.held = value;
  }

  /** For sessions only. Throws WorkError once the memory has been freed. */
  get value(): ort.Tensor {
    if (this.held === undefined) throw new WorkError('a device tensor was used after it was freed');
    return this.held;
  }

  /** Frees the memory. */
  dispose(): void {
    this.held?.dispose();
    this.held = undefined;
  }
}

/** Device tensors by name, such as a model's weights. */
export type DeviceTensors = ReadonlyMap<string, DeviceTensor>;

export function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of tensors.values()) tensor.dispose();
}
