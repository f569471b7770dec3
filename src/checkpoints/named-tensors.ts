/** A tensor in ordinary memory. */
export interface HostTensor {
  readonly shape: readonly number[];
  /** Row-major values. */
  readonly data: Float32Array;
}

/** Tensors by name, as a checkpoint holds them. */
export type NamedTensors = Map<string, HostTensor>;
