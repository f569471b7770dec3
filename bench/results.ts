/** What a benchmark found, as JSON that later runs add to. */
import { z } from 'zod';
import { InputError } from '../src/errors.js';
import { groups } from './work.js';

const spreadSchema = z.strictObject({
  median: z.number(),
  min: z.number(),
  max: z.number(),
});

const measurementSchema = z.strictObject({
  /** Of one run, in each turn. */
  milliseconds: spreadSchema,
  turns: z.number().int(),
  /** Of the whole process. */
  peakRssMB: z.number(),
  /** Milliseconds of compiling graphs, once; absent in older results. */
  compiling: z.number().default(0),
  /** Billions of floating-point operations of one run, where they are counted. */
  gflop: z.number().nullable(),
});

const comparisonSchema = measurementSchema.extend({
  layout: z.string(),
  /** The peer's milliseconds over ours: above 1 we are faster. */
  speed: spreadSchema,
  /** Our peak memory over the peer's: below 1 we need less. */
  memory: z.number(),
});

const rowSchema = z.strictObject({
  name: z.string(),
  group: z.enum(groups),
  images: z.number().nullable(),
  ours: measurementSchema,
  /** Our operations a second over those of a matrix product, in the same turns. */
  matmulShare: spreadSchema.nullable(),
  /** By precision. */
  peers: z.partialRecord(z.enum(['fp32', 'bf16']), comparisonSchema),
});

export const resultsSchema = z.strictObject({
  machine: z.strictObject({ cpu: z.string(), cores: z.number(), threads: z.number() }),
  versions: z.record(z.string(), z.string()),
  rows: z.array(rowSchema),
});

export type Measurement = z.output<typeof measurementSchema>;
export type Comparison = z.output<typeof comparisonSchema>;
export type Row = z.output<typeof rowSchema>;
export type Results = z.output<typeof resultsSchema>;

/**
 * The rows of two runs in the order of `names`; of rows with the same name the later one counts. Throws
 * InputError for results of another machine, which cannot be compared.
 */
export function mergeResults(earlier: Results, later: Results, names: readonly string[]): Results {
  const describe = ({ machine }: Results): string =>
    `${machine.cpu}, ${machine.cores} cores, ${machine.threads} threads`;
  if (describe(earlier) !== describe(later)) {
    throw new InputError(
      `the results to add to are of another machine: ${describe(earlier)}; this is ${describe(later)}`,
    );
  }
  const rows = new Map([...earlier.rows, ...later.rows].map((row) => [row.name, row]));
  const known = names.flatMap((name) => rows.get(name) ?? []);
  const others = [...rows.values()].filter(({ name }) => !names.includes(name));
  return {
    machine: later.machine,
    versions: { ...earlier.versions, ...later.versions },
    rows: [...known, ...others],
  };
}
