import { countFlops } from '../graph/flops.js';
import { gradients, show, ShapeError, sizeOf, type Tensor } from '../graph/index.js';
import type { TrainableParameters } from '../nn/index.js';
import { Session, type HostValues, type SessionOptions } from '../runtime/session.js';

/** Loss, gradients and further scalars of one micro-batch. */
export interface StepResult {
  readonly loss: number;
  readonly gradients: Map<string, Float32Array>;
  readonly metrics: Record<string, number>;
}

/**
 * The compiled forward and backward pass of a loss. Parameters are read at every run and never written:
 * gradients are outputs, so that they can be accumulated, clipped and averaged between machines.
 */
export class GradientStep {
  private constructor(
    private readonly session: Session,
    private readonly parameters: TrainableParameters,
    private readonly metricNames: readonly string[],
    /** Floating-point operations of one run. */
    readonly flops: number,
  ) {}

  static async compile(
    loss: Tensor,
    parameters: TrainableParameters,
    metrics: Readonly<Record<string, Tensor>> = {},
    options: SessionOptions = {},
  ): Promise<GradientStep> {
    const names = [...parameters.inputs.keys()];
    const parts = gradients(loss, [...parameters.inputs.values()]);
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
    const session = await Session.compile(outputs, options);
    const flops = countFlops(Object.values(outputs));
    return new GradientStep(session, parameters, Object.keys(metrics), flops);
  }

  async run(feeds: Readonly<Record<string, HostValues>>): Promise<StepResult> {
    const results = await this.session.run({ ...feeds, ...parameterFeeds(this.parameters) });
    return {
      loss: results['loss']![0]!,
      gradients: new Map(
        [...this.parameters.inputs.keys()].map((name) => [name, results[gradientName(name)]!]),
      ),
      metrics: Object.fromEntries(
        this.metricNames.map((name) => [name, results[metricName(name)]![0]!]),
      ),
    };
  }

  /** Frees native memory. */
  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

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
