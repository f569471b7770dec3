/** Requests for jobs as they arrive: their shape and ranges. Whether what they name exists comes later. */
import { z } from 'zod';
import { DEFAULT_SEED } from '../inversion/inverter.js';
import { samplingSchema } from '../inversion/inverter-config.js';
import { parseConfig } from '../parse-config.js';
import type { ConceptMethodName, MixOperation } from './api.js';
import { LIMITS, TRAINING_LIMITS } from './limits.js';

export const CONCEPT_METHOD_NAMES = [
  'kmeans',
  'pca',
  'nmf',
  'semi-nmf',
] as const satisfies readonly ConceptMethodName[];

export const MIX_OPERATIONS = [
  'lerp',
  'slerp',
  'sum',
  'max',
  'paste',
] as const satisfies readonly MixOperation[];

/** The greatest map whose positions a region may weigh: 64 × 64. */
const MOST_POSITIONS = 4096;
const MOST_NAME = 200;

const whole = (from: number, to: number) => z.number().int().min(from).max(to);
const share = z.number().min(0).max(1);
const name = z.string().min(1).max(MOST_NAME);

/** sha256 of a picture's bytes. */
export const pictureIdSchema = z
  .string()
  .regex(
    /^[0-9a-f]{64}$/,
    'a picture’s id has 64 hexadecimal digits, as POST /api/pictures gives it',
  );

const drawing = {
  inverter: name,
  seed: whole(0, 2 ** 32 - 1).default(DEFAULT_SEED),
  samples: whole(1, LIMITS.samples).default(1),
  sampling: samplingSchema
    .extend({ steps: whole(1, LIMITS.steps), guidance: z.number().min(0).max(100) })
    .partial()
    .default({}),
  every: whole(0, LIMITS.steps).default(1),
};

export const jobRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('look'),
    picture: pictureIdSchema,
    ...drawing,
  }),
  z.strictObject({
    kind: z.literal('steer'),
    picture: pictureIdSchema,
    ...drawing,
    concepts: name,
    concept: whole(0, 2 ** 20),
    scale: z.number().min(-20).max(20),
    region: z.array(share).min(1).max(MOST_POSITIONS).optional(),
  }),
  z.strictObject({
    kind: z.literal('mix'),
    a: pictureIdSchema,
    b: pictureIdSchema,
    ...drawing,
    alpha: z.number().min(-10).max(10),
    operation: z.enum(MIX_OPERATIONS),
    region: z
      .strictObject({ x: share, y: share, width: share, height: share })
      .refine(
        ({ x, y, width, height }) =>
          width > 0 && height > 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9,
        'it must have an area and lie within the picture: x + width and y + height are at most 1',
      )
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('concepts'),
    inverter: name,
    method: z.enum(CONCEPT_METHOD_NAMES),
    count: whole(2, LIMITS.concepts),
  }),
]);

export const pullRequestSchema = z.strictObject({ name, agreed: z.boolean().default(false) });

export const trainingRequestSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  recipe: name,
  data: name,
  steps: whole(1, TRAINING_LIMITS.steps),
  batchSize: whole(1, TRAINING_LIMITS.batchSize),
  learningRate: z.number().positive().max(1),
  seed: whole(0, 2 ** 32 - 1),
});

export type ParsedRequest = z.output<typeof jobRequestSchema>;

/** Throws InputError with a sentence for each wrong field. */
export function parseJobRequest(value: unknown): ParsedRequest {
  return parseConfig(jobRequestSchema, value, 'the request');
}
