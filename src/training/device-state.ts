import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { add, input, type Tensor } from '../graph/index.js';
import type { Random } from '../random.js';
import { disposeAll, type DeviceTensors } from '../runtime/device-tensor.js';
import { Session, type Feeds, type SessionOptions } from '../runtime/session.js';
import { Transfer } from '../runtime/transfer.js';
import { adamwGraph, updateCoefficients, type ParameterState } from './adamw-graph.js';
import type { TrainTensors } from './checkpoint.js';
import type { TrainerConfig } from './config.js';
import { findNonFinite } from './gradient-buffer.js';
import type { DeviceTask } from './task.js';
import { hostArray, PARTS, partsOf, startingTensors, type Part } from './state-parts.js';
import type { MicroBatch, SteppedState, UpdateResult } from './training-state.js';

/** One tensor for each parameter, in each part. */
type DeviceParts = Partial<Record<Part, DeviceTensors>>;

/**
 * Training on a device: weights, moments, average and gradients stay there between steps; losses and the
 * gradient's norm come back. No value is overwritten: an update makes new tensors, which replace the old
 * ones once its norm is known to be finite.
 */
export class DeviceState implements SteppedState {
  private readonly parts: readonly Part[];
  /** On the device; undefined before the first step. */
  private held: DeviceParts | undefined;
  private gradients: DeviceTensors | undefined;
  private microBatches = 0;

  private constructor(
    private readonly task: DeviceTask,
    private readonly config: TrainerConfig,
    readonly tensors: TrainTensors,
    private readonly transfer: Transfer,
    private readonly updater: Session,
    private readonly adder: Session | undefined,
    private readonly momentsSince: number,
  ) {
    this.parts = partsOf(tensors);
  }

  static async open(
    task: DeviceTask,
    parameters: NamedTensors,
    config: TrainerConfig,
    momentsSince = 0,
  ): Promise<DeviceState> {
    const tensors = startingTensors(parameters, config);
    const { session } = task;
    const types = new Map([...parameters].map(([name, { shape }]) => [name, input(name, shape)]));
    return new DeviceState(
      task,
      config,
      tensors,
      await Transfer.compile(types, session),
      await compileUpdate(parameters, config, session),
      config.accumulation > 1 ? await compileSum(parameters, session) : undefined,
      momentsSince,
    );
  }

  async accumulate(random: Random): Promise<MicroBatch> {
    this.held ??= await this.upload();
    const { gradients, ...result } = await this.task.gradients(random, this.held.weight!);
    this.gradients = this.gradients ? await this.sum(this.gradients, gradients) : gradients;
    this.microBatches += 1;
    return result;
  }

  async update(step: number, learningRate: number): Promise<UpdateResult> {
    const gradients = this.gradients!;
    const held = this.held!;
    const feeds: Feeds = {
      ...updateCoefficients(
        this.config,
        { step, moments: step - this.momentsSince },
        learningRate,
        this.microBatches,
      ),
      ...named(GRADIENT, gradients),
      ...Object.fromEntries(this.parts.flatMap((part) => Object.entries(named(part, held[part]!)))),
    };
    const { fetched, kept } = await this.updater.runKeeping(feeds);
    const gradientNorm = fetched['norm']![0]!;
    const next: DeviceParts = Object.fromEntries(
      this.parts.map((part) => [
        part,
        new Map([...gradients.keys()].map((name) => [name, kept.get(nextName(part, name))!])),
      ]),
    );
    const finite = Number.isFinite(gradientNorm);
    const culprit = finite ? undefined : findNonFinite(await this.transfer.download(gradients));
    for (const part of this.parts) disposeAll((finite ? held : next)[part]!);
    if (finite) this.held = next;
    this.forgetGradients();
    return { gradientNorm, culprit };
  }

  async fetch(): Promise<void> {
    if (this.held === undefined) return;
    for (const part of this.parts) {
      for (const [name, values] of await this.transfer.download(this.held[part]!)) {
        hostArray(this.tensors, part, name).set(values);
      }
    }
  }

  private async upload(): Promise<DeviceParts> {
    const held: DeviceParts = {};
    for (const part of this.parts) {
      const names = [...this.tensors.weights.keys()];
      held[part] = await this.transfer.upload(
        Object.fromEntries(names.map((name) => [name, hostArray(this.tensors, part, name)])),
      );
    }
    return held;
  }

  private async sum(a: DeviceTensors, b: DeviceTensors): Promise<DeviceTensors> {
    const { kept } = await this.adder!.runKeeping({ ...named('a', a), ...named('b', b) });
    disposeAll(a);
    disposeAll(b);
    return kept;
  }

  private forgetGradients(): void {
    disposeAll(this.gradients!);
    this.gradients = undefined;
    this.microBatches = 0;
  }
}

const GRADIENT = 'gradient';

function compileUpdate(
  parameters: NamedTensors,
  config: TrainerConfig,
  options: SessionOptions,
): Promise<Session> {
  const states = new Map<string, ParameterState>();
  const gradients = new Map<string, Tensor>();
  for (const [name, { shape }] of parameters) {
    const part = (kind: string): Tensor => input(`${kind}:${name}`, shape);
    gradients.set(name, part(GRADIENT));
    states.set(name, {
      weight: part('weight'),
      first: part('first'),
      second: part('second'),
      average: config.ema === null ? undefined : part('average'),
    });
  }
  const { next, norm } = adamwGraph(states, gradients, config);
  const outputs: Record<string, Tensor> = {};
  for (const [name, state] of next) {
    for (const part of PARTS) {
      const tensor = state[part];
      if (tensor) outputs[nextName(part, name)] = tensor;
    }
  }
  return Session.compile({ ...outputs, norm }, { ...options, keep: Object.keys(outputs) });
}

function compileSum(parameters: NamedTensors, options: SessionOptions): Promise<Session> {
  const sums = [...parameters].map(([name, { shape }]): [string, Tensor] => [
    name,
    add(input(`a:${name}`, shape), input(`b:${name}`, shape)),
  ]);
  const keep = sums.map(([name]) => name);
  return Session.compile(Object.fromEntries(sums), { ...options, keep });
}

const nextName = (part: Part, name: string): string => `next ${part}:${name}`;

const named = (prefix: string, tensors: DeviceTensors): Feeds =>
  Object.fromEntries([...tensors].map(([name, tensor]) => [`${prefix}:${name}`, tensor]));
