/**
 * What the bench says to the processes that work, ours and the peer's: one JSON document a line, a
 * request on stdin and its answer on stdout, in turn.
 */
import { z } from 'zod';

export type Precision = 'fp32' | 'bf16';
export type Layout = 'contiguous' | 'channels_last';

/** What a process is to open; `probe` lets the peer find its faster layout and count its operations. */
export interface OpenRequest {
  readonly open: WorkSpec;
  readonly threads: number;
  readonly precision: Precision;
  readonly layout: Layout | 'probe';
}

/** `settle` runs are not timed: caches are warm again after them. */
export interface RunRequest {
  readonly run: number;
  readonly settle: number;
}

export interface EndRequest {
  readonly end: true;
}

export type Request = OpenRequest | RunRequest | EndRequest;

/** The work itself, as its `kind` understands it. */
export interface WorkSpec {
  readonly kind: string;
}

const openedSchema = z.strictObject({
  /** Floating-point operations of one run, where they are counted. */
  flops: z.number().positive().nullable(),
  /** Milliseconds of compiling graphs until the first run was done; the peer compiles none. */
  compiling: z.number().nonnegative().default(0),
  layout: z.enum(['contiguous', 'channels_last']).default('contiguous'),
  versions: z.record(z.string(), z.string()),
});

const runSchema = z.strictObject({ milliseconds: z.array(z.number().nonnegative()) });

const endSchema = z.strictObject({ peakRssMB: z.number().positive() });

export type Opened = z.output<typeof openedSchema>;

/** The answers by request, each of which may be `{"error": "a sentence"}` instead. */
export const replySchemas = { open: openedSchema, run: runSchema, end: endSchema } as const;

export const errorReplySchema = z.strictObject({ error: z.string() });
