/** A declared experiment: a grid of evaluations, and how its results are shown. */
import path from 'node:path';
import { z } from 'zod';
import { guidanceModes, type GuidanceMode } from '../diffusion/guidance.js';
import { samplerNames } from '../diffusion/samplers/index.js';
import { parseFraction } from '../fraction.js';
import { DEFAULT_SEED } from '../inversion/inverter.js';
import { readConfig } from '../parse-config.js';
import { CORRUPTION_KINDS, SEVERITIES } from '../robustness/corruptions/index.js';
import { NORMS } from '../robustness/norm-ball.js';
import { AXES, MEASURES } from './measures.js';

const whole = z.number().int().min(1);
const text = z.string().min(1);
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1);

/** Which inverters: by name or folder, or all shipped ones that fit. */
const modelsSchema = z.union([
  listOf(text),
  z.strictObject({
    backbones: listOf(text).optional(),
    layers: listOf(text).optional(),
    pooled: listOf(z.boolean()).optional(),
  }),
]);

const imagesSchema = z.strictObject({
  name: text,
  /** A folder, relative to the working directory. */
  path: text,
  perClass: whole.optional(),
  limit: whole.optional(),
  crops: whole.default(1),
});

/** A number, or a text such as "8/255". */
const fraction = z
  .union([z.number().positive(), z.string().refine((value) => parseFraction(value) > 0)])
  .transform((value) => (typeof value === 'number' ? value : parseFraction(value)));

const kind = z.enum(['all', ...CORRUPTION_KINDS]);

/** What is done to the pictures; lists stand for one alteration each. */
const alterationSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({
    type: z.literal('corruption'),
    kinds: listOf(kind),
    severities: listOf(z.literal([...SEVERITIES])),
  }),
  z.strictObject({
    type: z.literal('attack'),
    norm: z.enum(NORMS).default('linf'),
    /** Largest changes, for pixel values in [0, 1]. */
    epsilons: listOf(fraction),
    /** 1 is FGSM, more are PGD. */
    steps: whole.default(10),
  }),
]);

/** Sampling settings to try; what is not listed stays as the model has it. */
const samplingSchema = z.strictObject({
  sampler: listOf(z.enum(samplerNames as [string, ...string[]])).optional(),
  steps: listOf(whole.max(1000)).optional(),
  eta: listOf(z.number().min(0).max(1)).optional(),
  guidance: listOf(z.number().min(0)).optional(),
  guidanceMode: listOf(z.enum(guidanceModes as [GuidanceMode, ...GuidanceMode[]])).optional(),
});

const axis = z.enum(AXES);
/** Only cells with this value of each axis. */
const where = z.partialRecord(axis, z.union([text, z.number(), z.boolean()])).default({});

const chartSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('bars'),
    title: text,
    value: z.enum(MEASURES),
    /** One group of bars for each value of this axis, one bar for each of `series`. */
    by: axis,
    series: axis.optional(),
    where,
  }),
  z.strictObject({
    type: z.literal('lines'),
    title: text,
    value: z.enum(MEASURES),
    /** A numeric axis. */
    along: axis,
    series: axis.optional(),
    where,
  }),
]);

const gallerySchema = z.strictObject({
  title: text,
  /** Photographs, one row each. */
  images: whole.max(64).default(8),
  /** One column for each cell that is left. */
  where,
});

export const experimentSchema = z.strictObject({
  schemaVersion: z.literal(1),
  title: text,
  /** What the experiment is to find out, in a sentence or two. */
  question: text,
  models: modelsSchema,
  images: listOf(imagesSchema),
  alterations: listOf(alterationSchema).default([{ type: 'none' }]),
  sampling: samplingSchema.default({}),
  seeds: listOf(z.number().int().min(0)).default([DEFAULT_SEED]),
  /** Images sampled at a time. */
  batch: whole.default(16),
  /** Classifiers for the transfer cosine; default: another shipped one. */
  judges: listOf(z.strictObject({ backbone: text, layer: text.optional() })).optional(),
  charts: z.array(chartSchema).default([]),
  galleries: z.array(gallerySchema).default([]),
});

export type Experiment = z.output<typeof experimentSchema>;
export type ExperimentChart = Experiment['charts'][number];
export type ExperimentGallery = Experiment['galleries'][number];
export type AlterationSpec = Experiment['alterations'][number];

/** Reads and checks an experiment's file. Throws InputError with a sentence for each wrong field. */
export const readExperiment = (file: string): Promise<Experiment> =>
  readConfig(experimentSchema, file);

/** The name of an experiment: its file's. */
export const experimentName = (file: string): string => path.parse(file).name;
