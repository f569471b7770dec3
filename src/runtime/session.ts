import * as ort from 'onnxruntime-node';
import { show, sizeOf, type DType, type Tensor } from '../graph/tensor.js';
import { WorkError } from '../errors.js';
import { emitModel, type EmittedModel } from '../onnx/emit.js';
import { createCached } from './compiled-cache.js';
import { missingDevice } from './missing-device.js';
import { DeviceTensor, type DeviceTensors } from './device-tensor.js';
import { freeBuffers } from './free-buffers.js';
import type { MemoryMode } from './memory-mode.js';

export type Device = 'cpu' | 'webgpu' | 'cuda';

/** Values fed to a run: float32, float16 bits, int64 or bool, as the input's element type says. */
export type HostValues = Float32Array | Uint16Array | BigInt64Array | Uint8Array;

export interface SessionOptions {
  readonly device?: Device | undefined;
  /** Threads of the CPU kernels; default: one per core. */
  readonly threads?: number | undefined;
  /** Outputs that `runKeeping` leaves on the device. */
  readonly keep?: readonly string[] | undefined;
  /** Default: `fast`. */
  readonly memory?: MemoryMode | undefined;
  /** Folder in which compiled graphs are kept for the next process; see `createCached`. On the CPU, in the mode `fast`. */
  readonly cache?: string | undefined;
  /** Keep what a run has freed for the next one (ONNX Runtime's arena, on the CPU). Default: true. */
  readonly arena?: boolean | undefined;
}

/** What a session reads: values of the host, or what another one has left on the device. */
export type Feeds = Readonly<Record<string, HostValues | DeviceTensor>>;

const HOST_ARRAY = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<Exclude<DType, 'bfloat16'>, unknown>;

/** Name of the user timing (`node:perf_hooks`) of each compilation. */
export const COMPILATION = 'featinv compilation';

/** Failures reach the caller as errors; the runtime need not print them as well. */
const FATAL = 4;
const RUN_OPTIONS = { logSeverityLevel: FATAL } as const;

/**
 * A compiled graph. A run reads its feeds and returns fresh arrays, or fills those that the caller gives for
 * an output: it never writes to what it reads, so no step can read what another op overwrites.
 */
export class Session<Outputs extends string = string> {
  private constructor(
    private readonly session: ort.InferenceSession,
    readonly inputs: ReadonlyMap<string, Tensor>,
    private readonly outputs: Readonly<Record<Outputs, Tensor>>,
    private readonly kept: ReadonlySet<string>,
    private readonly device: Device,
  ) {}

  /** Emits and compiles the graph behind `outputs`. */
  static async compile<Outputs extends string>(
    outputs: Readonly<Record<Outputs, Tensor>>,
    options: SessionOptions = {},
  ): Promise<Session<Outputs>> {
    const device = options.device ?? 'cpu';
    const start = performance.now();
    const widenInRuns = options.memory === 'low' && device === 'cpu';
    const model = emitModel(outputs, device, { widenInRuns });
    const session = await createSession(model, device, options);
    performance.measure(COMPILATION, { start });
    // Observers have been told; the timeline would keep all of them.
    performance.clearMeasures(COMPILATION);
    return new Session(session, model.inputs, outputs, new Set(options.keep), device);
  }

  /**
   * Runs once. Every input must be fed with as many values as its shape holds. An output named in `into` is
   * written to that array, which holds as many values and is no feed.
   */
  async run(
    feeds: Feeds,
    into: Readonly<Record<string, Float32Array>> = {},
  ): Promise<Record<Outputs, Float32Array>> {
    return (await this.runKeeping(feeds, into)).fetched;
  }

  /** Runs once, and leaves the outputs that the session keeps where they are. */
  async runKeeping(
    feeds: Feeds,
    into: Readonly<Record<string, Float32Array>> = {},
  ): Promise<{ fetched: Record<string, Float32Array>; kept: DeviceTensors }> {
    const results = await this.compute(this.checkedFeeds(feeds), this.fetches(into));
    const fetched: Record<string, Float32Array> = {};
    const kept = new Map<string, DeviceTensor>();
    const copies: Float32Array[] = [];
    for (const [name, type] of Object.entries<Tensor>(this.outputs)) {
      const result = results[name]!;
      if (this.kept.has(name)) kept.set(name, new DeviceTensor(result, type));
      else if (into[name] === undefined) fetched[name] = result.data as Float32Array;
      else {
        fetched[name] = into[name];
        // The runtime copies even what it has written to the caller's arrays.
        if (result.data !== into[name]) copies.push(result.data as Float32Array);
      }
    }
    freeBuffers(copies);
    return { fetched, kept };
  }

  private checkedFeeds(feeds: Feeds): Record<string, ort.Tensor> {
    const tensors: Record<string, ort.Tensor> = {};
    for (const [name, tensor] of this.inputs) {
      const values = feeds[name];
      if (values === undefined) throw new WorkError(`input "${name}" was not fed`);
      if (values instanceof DeviceTensor) {
        tensors[name] = values.value;
        continue;
      }
      if (values.length !== sizeOf(tensor.shape)) {
        throw new WorkError(
          `input "${name}" of shape ${show(tensor.shape)} was fed ${values.length} values instead of ${sizeOf(tensor.shape)}`,
        );
      }
      const { dtype } = tensor;
      if (dtype === 'bfloat16') {
        throw new WorkError(
          `input "${name}" is bfloat16, which is mapped from files and never fed`,
        );
      }
      if (!(values instanceof HOST_ARRAY[dtype])) {
        throw new WorkError(
          `input "${name}" holds ${dtype} and was fed a ${values.constructor.name} instead of a ${HOST_ARRAY[dtype].name}`,
        );
      }
      tensors[name] = new ort.Tensor(dtype, values, tensor.shape);
    }
    return tensors;
  }

  private fetches(into: Readonly<Record<string, Float32Array>>): Record<string, ort.Tensor | null> {
    return Object.fromEntries(
      Object.entries<Tensor>(this.outputs).map(([name, { shape }]) => {
        const target = into[name];
        return [name, target === undefined ? null : new ort.Tensor('float32', target, shape)];
      }),
    );
  }

  private async compute(
    feeds: Record<string, ort.Tensor>,
    fetches: Record<string, ort.Tensor | null>,
  ): Promise<ort.InferenceSession.ReturnType> {
    try {
      return await this.session.run(feeds, fetches, RUN_OPTIONS);
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
  model: EmittedModel,
  device: Device,
  options: SessionOptions,
): Promise<ort.InferenceSession> {
  // Where the processor has no instruction for products of 8 bits, sums of two would otherwise overflow.
  const session: Record<string, string> = { x64quantprecision: '1' };
  const isLow = options.memory === 'low';
  if (isLow) session['disable_prepacking'] = '1';
  if (model.externalFolder !== undefined) {
    session['model_external_initializers_file_folder_path'] = model.externalFolder;
  }
  const optionsWith = (extra: Record<string, string>): ort.InferenceSession.SessionOptions => ({
    executionProviders: [device],
    // Above `extended`, weights of convolutions are copied into blocked layouts.
    graphOptimizationLevel: isLow ? 'extended' : 'all',
    // A pattern is one block for all values of a run, beside the blocks that the first run has made: no faster.
    enableMemPattern: false,
    enableCpuMemArena: options.arena ?? true,
    logSeverityLevel: FATAL,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(device === 'webgpu' && { preferredOutputLocation: onDevice(options.keep) }),
    extra: { session: { ...session, ...extra } },
  });
  const create = (extra: Record<string, string> = {}): Promise<ort.InferenceSession> =>
    ort.InferenceSession.create(model.bytes, optionsWith(extra));
  try {
    if (device !== 'cpu') return await createOnDevice(device, create);
    if (options.cache === undefined || isLow) return await create();
    return await createCached(model, optionsWith({}), options.cache);
  } catch (error) {
    const reason = reasonOf(error);
    throw new WorkError(
      missingDevice(device, reason) ?? `the ${device} runtime cannot compile the graph: ${reason}`,
    );
  }
}

/** A node without a kernel runs on the CPU, and its operands travel: that is said. */
async function createOnDevice(
  device: Device,
  create: (extra?: Record<string, string>) => Promise<ort.InferenceSession>,
): Promise<ort.InferenceSession> {
  try {
    return await create({ disable_cpu_ep_fallback: '1' });
  } catch (error) {
    if (!reasonOf(error).includes('fallback to CPU')) throw error;
    process.emitWarning(`parts of a graph have no kernel on ${device}: the CPU computes them`);
    return create();
  }
}

/** Where the WebGPU provider leaves outputs; those that are not named return to host memory. */
const onDevice = (names: readonly string[] = []): Record<string, 'gpu-buffer'> =>
  Object.fromEntries(names.map((name) => [name, 'gpu-buffer']));

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
