/** Several optimiser steps as one graph: ONNX's `Loop` around gradients and AdamW. */
import {
  add,
  broadcastTo,
  constant,
  equal,
  gatherRows,
  input,
  loop,
  mul,
  reshape,
  scalar,
  sizeOf,
  sub,
  where,
  type Tensor,
} from '../graph/index.js';
import { inputsOf, substitute } from '../graph/substitute.js';
import { adamwGraph, type ParameterState } from './adamw-graph.js';
import type { TrainTensors } from './checkpoint.js';
import type { TrainerConfig } from './config.js';
import { partsOf, type Part } from './state-parts.js';
import type { TracedTask } from './task.js';

/** Input: how many steps to take, int64. */
export const TIMES = 'times';
/** Outputs, one number for each step. */
export const LOSS = 'loss';
export const NORM = 'norm';
export const metricName = (name: string): string => `metric:${name}`;
/** A parameter's part before and after the steps. */
export const slotName = (part: Part, name: string): string => `${part}:${name}`;
export const nextName = (part: Part, name: string): string => `next ${part}:${name}`;

/**
 * At most `most` steps, which end with the first whose loss or gradient is not finite; it changes nothing. Besides
 * the parameters' parts the graph takes what micro-batches draw, stacked to [most, accumulation, ...], and AdamW's
 * coefficients, [most].
 */
export function traceSteps(
  task: TracedTask,
  tensors: TrainTensors,
  config: TrainerConfig,
  most: number,
): Record<string, Tensor> {
  const { accumulation } = config;
  const parts = partsOf(tensors);
  const slots = [...tensors.weights].flatMap(([name, { shape }]) =>
    parts.map((part) => ({ part, name, start: input(slotName(part, name), shape) })),
  );
  const times = input(TIMES, [], 'int64');
  const start = slots.map((slot) => slot.start);
  const { carried, collected } = loop(most, times, start, (iteration, held) => {
    const states = new Map<string, ParameterState>();
    [...tensors.weights.keys()].forEach((name, i) => {
      const own = held.slice(i * parts.length, (i + 1) * parts.length);
      const [weight, first, second, average] = own as [Tensor, Tensor, Tensor, Tensor?];
      states.set(name, { weight, first, second, average });
    });
    const sums = sumMicroBatches(task, states, { most, accumulation, iteration });
    const [loss, ...metrics] = [sums.loss, ...sums.metrics].map((x) => mul(x, 1 / accumulation));
    const { next, norm } = adamwGraph(states, sums.gradients, config, (name) =>
      rowOf(input(name, [most]), iteration),
    );
    const total = add(loss!, norm);
    // What is not finite does not vanish when it is taken from itself.
    const isFinite = equal(sub(total, total), 0);
    return {
      next: slots.map(({ part, name }, i) => where(isFinite, next.get(name)![part]!, held[i]!)),
      collected: [loss!, norm, ...metrics],
      goesOn: isFinite,
    };
  });
  const outputs: Record<string, Tensor> = { [LOSS]: collected[0]!, [NORM]: collected[1]! };
  slots.forEach(({ part, name }, i) => (outputs[nextName(part, name)] = carried[i]!));
  [...task.metrics.keys()].forEach((name, i) => (outputs[metricName(name)] = collected[2 + i]!));
  return outputs;
}

interface Sums {
  readonly loss: Tensor;
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly metrics: readonly Tensor[];
}

/** Loss, gradients and metrics of a step's micro-batches, summed. */
function sumMicroBatches(
  task: TracedTask,
  states: ReadonlyMap<string, ParameterState>,
  { most, accumulation, iteration }: { most: number; accumulation: number; iteration: Tensor },
): Sums {
  const names = [...task.gradients.keys()];
  const traced = [task.loss, ...task.gradients.values(), ...task.metrics.values()];
  const step = new Map<Tensor, Tensor>();
  const drawn = new Map<Tensor, Tensor>();
  for (const x of inputsOf(traced)) {
    const name = x.source.kind === 'input' ? x.source.name : '';
    const state = states.get(name);
    if (state) step.set(x, state.weight);
    else drawn.set(x, rowOf(input(name, [most, accumulation, ...x.shape], x.dtype), iteration));
  }
  const ofBatch = (index: Tensor | undefined): Tensor[] => {
    const own = [...drawn].map(([x, rows]): [Tensor, Tensor] => [
      x,
      index === undefined ? reshape(rows, x.shape) : rowOf(rows, index),
    ]);
    return substitute(traced, new Map([...step, ...own]));
  };
  const sums =
    accumulation === 1
      ? ofBatch(undefined)
      : loop(
          accumulation,
          constant(BigInt64Array.of(BigInt(accumulation)), []),
          traced.map(({ shape }) => broadcastTo(scalar(0), shape)),
          (index, held) => ({
            next: ofBatch(index).map((x, i) => add(held[i]!, x)),
            collected: [],
          }),
        ).carried;
  const [loss, ...rest] = sums;
  return {
    loss: loss!,
    gradients: new Map(names.map((name, i) => [name, rest[i]!])),
    metrics: rest.slice(names.length),
  };
}

/** Row number `index`, an int64 without axes, of a stack. */
function rowOf(stack: Tensor, index: Tensor): Tensor {
  const [rows, ...shape] = stack.shape as [number, ...number[]];
  const table = reshape(stack, [rows, sizeOf(shape)]);
  return reshape(gatherRows(table, reshape(index, [1])), shape);
}
