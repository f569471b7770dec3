/** What training keeps of each parameter, part by part. */
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { TrainTensors } from './checkpoint.js';
import type { TrainerConfig } from './config.js';

export const PARTS = ['weight', 'first', 'second', 'average'] as const;
export type Part = (typeof PARTS)[number];

/** The parts that there are. */
export const partsOf = ({ average }: TrainTensors): Part[] =>
  PARTS.filter((part) => part !== 'average' || average !== undefined);

/** Before the first step: moments of zero, and an average that is the weights. */
export function startingTensors(parameters: NamedTensors, { ema }: TrainerConfig): TrainTensors {
  const moments = [...parameters].map(
    ([
      name,
      {
        data: { length },
      },
    ]) => {
      return [name, { first: new Float32Array(length), second: new Float32Array(length) }] as const;
    },
  );
  const average = [...parameters].map(([name, { shape, data }]) => {
    return [name, { shape, data: data.slice() }] as const;
  });
  return {
    weights: parameters,
    moments: new Map(moments),
    average: ema === null ? undefined : new Map(average),
  };
}

/** One parameter's part. */
export function hostArray(
  { weights, moments, average }: TrainTensors,
  part: Part,
  name: string,
): Float32Array {
  if (part === 'weight') return weights.get(name)!.data;
  if (part === 'average') return average!.get(name)!.data;
  return moments.get(name)![part];
}
