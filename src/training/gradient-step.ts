import { countFlops } from '../graph/flops.js';
import {
  gradients,
  show,
  ShapeError,
  sizeOf,
  type GradientOptions,
  type Tensor,
} from '../graph/index.js';
import type { TrainableParameters } from '../nn/index.js';
import type { Random } from '../random.js';
import type { DeviceTensor, DeviceTensors } from '../runtime/device-tensor.js';
import { memoryNeed, type MemoryNeed } from '../runtime/memory-need.js';
import { Session, type Feeds, type HostValues, type SessionOptions } from '../runtime/session.js';
import type { TracedTask, TrainingTask } from './task.js';

/** Loss, gradients and further scalars of one micro-batch. */
export interface StepResult<Gradient = Float32Array> {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Gradient>;
  readonly metrics: Record<string, number>;
}

/**
 * The forward and backward pass of a loss, compiled when it is first run: what it will need is known before.
 * Parameters are read at every run and never written: gradients are outputs, so that they can be accumulated,
 * clipped and averaged between machines.
 */
export class GradientStep {
  private session: Promise<Session> | undefined;
  /** By name of the output: written by every run in host memory. */
  private into: Record<string, Float32Array> | undefined;

  private constructor(
    private readonly outputs: Readonly<Record<string, Tensor>>,
    private readonly parameters: TrainableParameters,
    private readonly metricNames: readonly string[],
    readonly options: SessionOptions,
  ) {}

  /** Throws ShapeError for a metric that is not a single number. */
  static trace(
    loss: Tensor,
    parameters: TrainableParameters,
    metrics: Readonly<Record<string, Tensor>> = {},
    { recompute, ...options }: SessionOptions & GradientOptions = {},
  ): GradientStep {
    const names = [...parameters.inputs.keys()];
    const parts = gradients(loss, [...parameters.inputs.values()], { recompute });
    const outputs: Record<string, Tensor> = { loss };
    names.forEach((name, i) => (outputs[gradientName(name)] = parts[i]!));
    for (const [name, tensor] of Object.entries(metrics)) {
      if (sizeOf(tensor.shape) !== 1) {
        throw new ShapeError(
          `metric "${name}" must have one element, got shape ${show(tensor.shape)}`,
        );
      }
      outputs[metricName(name)] = tensor;
    }
    // Who computes activations twice to save memory does not want it kept between steps either.
    const session = { arena: recompute !== true, ...options };
    return new GradientStep(outputs, parameters, Object.keys(metrics), session);
  }

  /** Floating-point operations of one run. */
  get flops(): number {
    return countFlops(Object.values(this.outputs));
  }

  /** Memory of one run beside the parameters and their gradients. */
  get memory(): MemoryNeed {
    const into = new Set(this.gradientNames);
    return memoryNeed(this.outputs, { memory: this.options.memory, into });
  }

  /**
   * One micro-batch with the current values of the parameters, in host memory. The next run overwrites the
   * gradients.
   */
  async run(feeds: Readonly<Record<string, HostValues>>): Promise<StepResult> {
    this.into ??= Object.fromEntries(
      [...this.parameters.inputs].map(([name, { shape }]) => [
        gradientName(name),
        new Float32Array(sizeOf(shape)),
      ]),
    );
    const all = { ...feeds, ...parameterFeeds(this.parameters) };
    const results = await (await this.compiled()).run(all, this.into);
    return this.result(results, (name) => results[name]!);
  }

  /** One micro-batch with weights on the device; the gradients stay there. */
  async runOnDevice(feeds: Feeds, weights: DeviceTensors): Promise<StepResult<DeviceTensor>> {
    const session = await this.compiled();
    const { fetched, kept } = await session.runKeeping({
      ...feeds,
      ...Object.fromEntries(weights),
    });
    return this.result(fetched, (name) => kept.get(name)!);
  }

  /** The graph that is run, as its outputs. */
  get traced(): Pick<TracedTask, 'loss' | 'gradients' | 'metrics'> {
    const { outputs } = this;
    const names = [...this.parameters.inputs.keys()];
    return {
      loss: outputs['loss']!,
      gradients: new Map(names.map((name) => [name, outputs[gradientName(name)]!])),
      metrics: new Map(this.metricNames.map((name) => [name, outputs[metricName(name)]!])),
    };
  }

  private get gradientNames(): string[] {
    return [...this.parameters.inputs.keys()].map(gradientName);
  }

  private compiled(): Promise<Session> {
    const keep = isDeviceStep(this.options) ? this.gradientNames : [];
    this.session ??= Session.compile(this.outputs, { ...this.options, keep });
    return this.session;
  }

  private result<Gradient>(
    values: Readonly<Record<string, Float32Array>>,
    gradient: (name: string) => Gradient,
  ): StepResult<Gradient> {
    return {
      loss: values['loss']![0]!,
      gradients: new Map(
        [...this.parameters.inputs.keys()].map((name) => [name, gradient(gradientName(name))]),
      ),
      metrics: Object.fromEntries(
        this.metricNames.map((name) => [name, values[metricName(name)]![0]!]),
      ),
    };
  }

  /** Frees native memory. */
  async dispose(): Promise<void> {
    await (await this.session)?.dispose();
    this.session = undefined;
  }
}

/** What a compiled step does for a task; `draw` makes the feeds of a micro-batch. */
export function stepOfTask(
  step: GradientStep,
  draw: (random: Random) => DrawnFeeds | Promise<DrawnFeeds>,
): Pick<TrainingTask, 'flops' | 'memory' | 'gradients' | 'device' | 'traced' | 'dispose'> {
  const device = isDeviceStep(step.options) && {
    session: step.options,
    gradients: async (random: Random, weights: DeviceTensors) =>
      step.runOnDevice(await draw(random), weights),
  };
  return {
    flops: step.flops,
    memory: step.memory,
    gradients: async (random) => step.run(await draw(random)),
    ...(device && { device }),
    traced: {
      ...step.traced,
      session: step.options,
      draw: async (random) => draw(random),
    },
    dispose: () => step.dispose(),
  };
}

type DrawnFeeds = Record<string, HostValues>;

const isDeviceStep = ({ device = 'cpu' }: SessionOptions): boolean => device !== 'cpu';

/** Current values of trained parameters, as feeds of a session that was traced with them. */
export function parameterFeeds(
  parameters: Pick<TrainableParameters, 'inputs' | 'values'>,
  values = parameters.values,
): Record<string, Float32Array> {
  return Object.fromEntries(
    [...parameters.inputs.keys()].map((name) => [name, values.get(name)!.data]),
  );
}

const gradientName = (name: string): string => `gradient:${name}`;
const metricName = (name: string): string => `metric:${name}`;
