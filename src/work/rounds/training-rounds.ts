import { z } from 'zod';
import type { CheckpointFile } from '../../checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import type { Shard } from '../../images/shard.js';
import { parseConfig } from '../../parse-config.js';
import { copyTensors, type TrainTensors } from '../../training/checkpoint.js';
import {
  innerRun,
  innerUnit,
  outerStep,
  partOf,
  TensorMean,
  weightsUnit,
  type RoundsRunConfig,
} from '../../training/rounds/index.js';
import type { TrainingTask } from '../../training/task.js';
import { parseJson } from '../receipts.js';
import type { Workshop } from '../work-kind.js';
import {
  meansName,
  momentumName,
  weightsName,
  workerFile,
  type WorkerTensors,
} from './round-files.js';
import { DamagedPart, type RoundStore } from './round-store.js';

export interface TrainingRoundsOptions {
  /** Opens what is trained, with its initial weights; micro-batches are drawn from the shard of that moment. */
  readonly openTask: (shard: () => Shard) => Promise<TrainingTask>;
  /** After each step of a worker. */
  readonly onStep?: (worker: number, step: number) => void;
  /** What a person should know. */
  readonly onNote: (line: string) => void;
  /** Ends a worker's part after its current step, without a result. */
  readonly signal?: AbortSignal;
}

const meansSchema = z.record(z.string(), z.number());

/** Does the parts of a training in rounds, in this process or in those of many machines, with the same bytes. */
export class TrainingRounds implements Workshop {
  private task: Promise<TrainingTask> | undefined;
  /** Whether the task's weights are no longer the initial ones. */
  private isTrained = false;
  /** Whose photographs are drawn. */
  private worker = 0;

  constructor(
    private readonly store: RoundStore,
    private readonly config: RoundsRunConfig,
    private readonly options: TrainingRoundsOptions,
  ) {}

  async run(unit: number): Promise<void> {
    const part = partOf(this.workers, unit);
    switch (part.type) {
      case 'initial':
        return this.initialise();
      case 'inner':
        return this.inner(part.round, part.worker);
      case 'outer':
        return this.outer(part.round);
    }
  }

  async dispose(): Promise<void> {
    const task = await this.task;
    this.task = undefined;
    await task?.dispose?.();
  }

  /** What is trained, with whatever weights. */
  opened(): Promise<TrainingTask> {
    return (this.task ??= this.openTask());
  }

  /** The weights to validate and release: with moving averages the workers' mean of these. Throws DamagedPart. */
  async released(round: number): Promise<NamedTensors> {
    if (this.config.trainer.ema === null) {
      return this.store.read(weightsUnit(this.workers, round), weightsName(round), tensorsOf);
    }
    let mean: TensorMean | undefined;
    for (const worker of this.workerNumbers) {
      const unit = innerUnit(this.workers, round, worker);
      const average = await this.store.read(unit, workerFile(round, worker, 'ema'), tensorsOf);
      mean ??= new TensorMean(average);
      mean.add(average);
    }
    return mean!.rounded();
  }

  /** Means of the loss and other numbers over the workers' steps of a round. Throws DamagedPart. */
  async means(round: number): Promise<Record<string, number>> {
    const means: Record<string, number> = {};
    for (const worker of this.workerNumbers) {
      const unit = innerUnit(this.workers, round, worker);
      const own = await this.store.readBytes(unit, meansName(round, worker), (bytes, source) =>
        parseConfig(meansSchema, parseJson(bytes, source), source),
      );
      for (const [name, value] of Object.entries(own)) {
        means[name] = (means[name] ?? 0) + value / this.workers;
      }
    }
    return means;
  }

  private async initialise(): Promise<void> {
    const task = this.isTrained ? await this.openTask() : await this.opened();
    await this.store.deliver(0, [{ name: weightsName(0), tensors: task.parameters }]);
  }

  private async inner(round: number, worker: number): Promise<void> {
    const { onStep, signal } = this.options;
    const before = weightsUnit(this.workers, round - 1);
    const start = await this.need(before, weightsName(round - 1), (file) => file);
    const carried = round === 1 ? [] : await this.stateFiles(round - 1, worker);
    const task = await this.opened();
    this.isTrained = true;
    copyTensors(start, task.parameters);
    this.worker = worker;
    const result = await innerRun(task, this.config, {
      ...{ round, worker, signal },
      restore: (tensors) => {
        for (const [kind, file] of carried) copyTensors(file, stateOf(tensors, kind));
      },
      onStep: onStep && ((step) => onStep(worker, step)),
    });
    if (result === undefined) return;
    const { tensors, means } = result;
    await this.store.deliver(innerUnit(this.workers, round, worker), [
      this.isHalf
        ? {
            name: this.resultName(round, worker),
            tensors: differences(tensorsOf(start), tensors.weights),
            dtype: 'F16',
          }
        : { name: this.resultName(round, worker), tensors: tensors.weights },
      ...this.carriedKinds.map((kind) => ({
        name: workerFile(round, worker, kind),
        tensors: stateOf(tensors, kind),
      })),
      { name: meansName(round, worker), text: JSON.stringify(means) },
    ]);
  }

  private async outer(round: number): Promise<void> {
    const before = weightsUnit(this.workers, round - 1);
    const weights = await this.need(before, weightsName(round - 1), tensorsOf);
    const like = (file: CheckpointFile): NamedTensors => {
      const tensors = zeros(weights);
      copyTensors(file, tensors);
      return tensors;
    };
    const buffers =
      round === 1 ? zeros(weights) : await this.need(before, momentumName(round - 1), like);
    const mean = new TensorMean(weights);
    for (const worker of this.workerNumbers) {
      const unit = innerUnit(this.workers, round, worker);
      const result = await this.need(unit, this.resultName(round, worker), like);
      mean.add(this.isHalf ? differences(weights, result) : result);
    }
    outerStep(weights, buffers, mean.values(), this.config.rounds);
    await this.discardRound(round - 2);
    await this.store.deliver(weightsUnit(this.workers, round), [
      { name: weightsName(round), tensors: weights },
      { name: momentumName(round), tensors: buffers },
    ]);
  }

  /** Reads what another part has made; where it is damaged, it is made again here. */
  private async need<T>(unit: number, name: string, use: (file: CheckpointFile) => T): Promise<T> {
    try {
      return await this.store.read(unit, name, use);
    } catch (error) {
      if (!(error instanceof DamagedPart)) throw error;
      this.options.onNote(`${error.message}; it is refused and made again`);
      await this.store.forget(unit);
      await this.run(unit);
      return this.store.read(unit, name, use);
    }
  }

  /** What a worker brings from a round into the next. */
  private async stateFiles(
    round: number,
    worker: number,
  ): Promise<[WorkerTensors, CheckpointFile][]> {
    const unit = innerUnit(this.workers, round, worker);
    const files: [WorkerTensors, CheckpointFile][] = [];
    for (const kind of this.carriedKinds) {
      files.push([kind, await this.need(unit, workerFile(round, worker, kind), (file) => file)]);
    }
    return files;
  }

  /** Tensors of a round from which no damaged part will be made again any more. */
  private async discardRound(round: number): Promise<void> {
    if (round < 0) return;
    const ofWorkers = this.workerNumbers.flatMap((worker) => [
      this.resultName(round, worker),
      ...this.carriedKinds.map((kind) => workerFile(round, worker, kind)),
    ]);
    await this.store.discard([weightsName(round), momentumName(round), ...ofWorkers]);
  }

  private openTask(): Promise<TrainingTask> {
    return this.options.openTask(() => ({ index: this.worker, count: this.workers }));
  }

  private get workers(): number {
    return this.config.rounds.workers;
  }

  private get workerNumbers(): number[] {
    return Array.from({ length: this.workers }, (_, worker) => worker);
  }

  private get isHalf(): boolean {
    return this.config.rounds.deltas === 'fp16';
  }

  private get carriedKinds(): WorkerTensors[] {
    const { trainer, rounds } = this.config;
    return [
      ...(rounds.innerState === 'carried' ? (['exp-avg', 'exp-avg-sq'] as const) : []),
      ...(trainer.ema === null ? [] : (['ema'] as const)),
    ];
  }

  private resultName(round: number, worker: number): string {
    return workerFile(round, worker, this.isHalf ? 'delta' : 'weights');
  }
}

/** The tensors of a kind, in the arrays that training works on. */
function stateOf({ weights, moments, average }: TrainTensors, kind: WorkerTensors): NamedTensors {
  if (kind === 'ema') return average!;
  const which = kind === 'exp-avg' ? 'first' : 'second';
  return new Map(
    [...weights].map(([name, { shape }]) => [name, { shape, data: moments.get(name)![which] }]),
  );
}

const tensorsOf = (file: CheckpointFile): NamedTensors =>
  new Map([...file.entries].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]));

const zeros = (like: NamedTensors): NamedTensors =>
  new Map(
    [...like].map(([name, { shape, data }]) => [
      name,
      { shape, data: new Float32Array(data.length) },
    ]),
  );

/** a − b. */
const differences = (a: NamedTensors, b: NamedTensors): NamedTensors =>
  new Map(
    [...a].map(([name, { shape, data }]) => {
      const other = b.get(name)!.data;
      return [name, { shape, data: data.map((value, i) => value - other[i]!) }];
    }),
  );
