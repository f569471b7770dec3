import * as ort from 'onnxruntime-node';
import { show, sizeOf, type DType, type Tensor } from '../graph/tensor.js';
import { WorkError } from '../errors.js';
import { emitModel } from '../onnx/emit.js';

export type Device = 'cpu' | 'webgpu' | 'cuda';

/** Values fed to a run: float32, float16 bits, int64 or bool, as the input's element type says. */
export type HostValues = Float32Array | Uint16Array | BigInt64Array | Uint8Array;

export interface SessionOptions {
  readonly device?: Device | undefined;
  /** Threads of the CPU kernels; default: one per core. */
  readonly threads?: number | undefined;
  /** Map frozen weights without repacking: loads at once and saves memory, runs slower. */
  readonly lowMemory?: boolean | undefined;
}

const HOST_ARRAY = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** Failures reach the caller as errors; the runtime need not print them as well. */
const FATAL = 4;
const RUN_OPTIONS = { logSeverityLevel: FATAL } as const;

/**
 * A compiled graph. A run reads its feeds and returns fresh arrays: it never writes to memory that the
 * caller owns, so no step can read what another op overwrites.
 */
export class Session<Outputs extends string = string> {
  private constructor(
    private readonly session: ort.InferenceSession,
    readonly inputs: ReadonlyMap<string, Tensor>,
    private readonly outputNames: readonly Outputs[],
    private readonly device: Device,
  ) {}

  /** Emits and compiles the graph behind `outputs`. */
  static async compile<Outputs extends string>(
    outputs: Readonly<Record<Outputs, Tensor>>,
    options: SessionOptions = {},
  ): Promise<Session<Outputs>> {
    const device = options.device ?? 'cpu';
    const model = emitModel(outputs, device);
    const session = await createSession(model.bytes, device, options, model.externalFolder);
    return new Session(session, model.inputs, Object.keys(outputs) as Outputs[], device);
  }

  /** Runs once. Every input must be fed with as many values as its shape holds. */
  async run(feeds: Readonly<Record<string, HostValues>>): Promise<Record<Outputs, Float32Array>> {
    const tensors: Record<string, ort.Tensor> = {};
    for (const [name, tensor] of this.inputs) {
      const values = feeds[name];
      if (values === undefined) throw new WorkError(`input "${name}" was not fed`);
      if (values.length !== sizeOf(tensor.shape)) {
        throw new WorkError(
          `input "${name}" of shape ${show(tensor.shape)} was fed ${values.length} values instead of ${sizeOf(tensor.shape)}`,
        );
      }
      if (!(values instanceof HOST_ARRAY[tensor.dtype])) {
        throw new WorkError(
          `input "${name}" holds ${tensor.dtype} and was fed a ${values.constructor.name} instead of a ${HOST_ARRAY[tensor.dtype].name}`,
        );
      }
      tensors[name] = new ort.Tensor(tensor.dtype, values, tensor.shape);
    }
    const results = await this.compute(tensors);
    return Object.fromEntries(
      this.outputNames.map((name) => [name, results[name]!.data as Float32Array]),
    ) as Record<Outputs, Float32Array>;
  }

  private async compute(
    feeds: Record<string, ort.Tensor>,
  ): Promise<ort.InferenceSession.ReturnType> {
    try {
      return await this.session.run(feeds, [...this.outputNames], RUN_OPTIONS);
    } catch (error) {
      throw new WorkError(`the ${this.device} runtime failed: ${reasonOf(error)}`);
    }
  }

  /** Frees native memory. */
  async dispose(): Promise<void> {
    await this.session.release();
  }
}

async function createSession(
  model: Uint8Array,
  device: Device,
  options: SessionOptions,
  externalFolder: string | undefined,
): Promise<ort.InferenceSession> {
  const session: Record<string, string> = {};
  if (options.lowMemory) session['disable_prepacking'] = '1';
  if (externalFolder !== undefined) {
    session['model_external_initializers_file_folder_path'] = externalFolder;
  }
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: FATAL,
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      extra: { session },
    });
  } catch (error) {
    throw new WorkError(`the ${device} runtime cannot compile the graph: ${reasonOf(error)}`);
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
