import { input, type Tensor, type TensorType } from '../graph/tensor.js';
import type { DeviceTensors } from './device-tensor.js';
import { Session, type HostValues, type SessionOptions } from './session.js';

/**
 * Moves named tensors between host memory and a device's. The runtime has no copy of its own for this (reading
 * a GPU tensor's data ends the process), so both ways are sessions that hand their inputs on.
 */
export class Transfer {
  private constructor(
    private readonly names: readonly string[],
    private readonly up: Session,
    private readonly down: Session,
  ) {}

  static async compile(
    types: ReadonlyMap<string, TensorType>,
    options: SessionOptions = {},
  ): Promise<Transfer> {
    const names = [...types.keys()];
    const outputs: Record<string, Tensor> = {};
    for (const [name, { shape, dtype }] of types) {
      outputs[outputName(name)] = input(name, shape, dtype);
    }
    const up = await Session.compile(outputs, { ...options, keep: Object.keys(outputs) });
    return new Transfer(names, up, await Session.compile(outputs, options));
  }

  /** Copies to the device. */
  async upload(values: Readonly<Record<string, HostValues>>): Promise<DeviceTensors> {
    const { kept } = await this.up.runKeeping(values);
    return new Map(this.names.map((name) => [name, kept.get(outputName(name))!]));
  }

  /** Fresh arrays with the values of tensors on the device. */
  async download(tensors: DeviceTensors): Promise<ReadonlyMap<string, Float32Array>> {
    const values = await this.down.run(Object.fromEntries(tensors));
    return new Map(this.names.map((name) => [name, values[outputName(name)]!]));
  }

  async dispose(): Promise<void> {
    await this.up.dispose();
    await this.down.dispose();
  }
}

const outputName = (name: string): string => `copy of ${name}`;
