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
import { Session, type Feeds, type HostValues, type SessionOptions } from '../runtime/session.js';
import type { TrainingTask } from './task.js';

/** Loss, gradients and further scalars of one micro-batch. */
export interface StepResult<Gradient = Float32Array> {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Gradient>;
  readonly metrics: Record<string, number>;
}

/**
 * The compiled forward and backward pass of a loss. Parameters are read at every run and never written:
 * gradients are outputs, so that they can be accumulated, clipped and averaged between machines.
 */
export class GradientStep {
  /** By name of the output: written by every run in host memory, so that none is copied. */
  private into: Record<string, Float32Array> | undefined;

  private constructor(
    private readonly session: Session,
    private readonly parameters: TrainableParameters,
    private readonly metricNames: readonly string[],
    /** Floating-point operations of one run. */
    readonly flops: number,
    readonly options: SessionOptions,
  ) {}

  static async compile(
    loss: Tensor,
    parameters: TrainableParameters,
    metrics: Readonly<Record<string, Tensor>> = {},
    { recompute, ...options }: SessionOptions & GradientOptions = {},
  ): Promise<GradientStep> {
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
    const keep = isDeviceStep(options) ? names.map(gradientName) : [];
    const session = await Session.compile(outputs, { ...options, keep });
    const flops = countFlops(Object.values(outputs));
    return new GradientStep(session, parameters, Object.keys(metrics), flops, options);
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
    const results = await this.session.run(all, this.into);
    return this.result(results, (name) => results[name]!);
  }

  /** One micro-batch with weights on the device; the gradients stay there. */
  async runOnDevice(feeds: Feeds, weights: DeviceTensors): Promise<StepResult<DeviceTensor>> {
    const { fetched, kept } = await this.session.runKeeping({
      ...feeds,
      ...Object.fromEntries(weights),
    });
    return this.result(fetched, (name) => kept.get(name)!);
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
  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/** What a compiled step does for a task; `draw` makes the feeds of a micro-batch. */
export function stepOfTask(
  step: GradientStep,
  draw: (random: Random) => DrawnFeeds | Promise<DrawnFeeds>,
): Pick<TrainingTask, 'flops' | 'gradients' | 'device' | 'dispose'> {
  const device = isDeviceStep(step.options) && {
    session: step.options,
    gradients: async (random: Random, weights: DeviceTensors) =>
      step.runOnDevice(await draw(random), weights),
  };
  return {
    flops: step.flops,
    gradients: async (random) => step.run(await draw(random)),
    ...(device && { device }),
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
