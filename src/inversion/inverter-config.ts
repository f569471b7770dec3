/** `featinv.json`: what an inverter is conditioned on, how it samples best, and how it was trained. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { checkSha256 } from '../checkpoints/check-sha256.js';
import { guidanceModes, type GuidanceMode } from '../diffusion/guidance.js';
import { samplerNames } from '../diffusion/samplers/index.js';
import { InputError } from '../errors.js';
import { readConfig } from '../parse-config.js';

export const inverterFiles = {
  config: 'featinv.json',
  controlNet: 'controlnet.safetensors',
} as const;

/** How the denoiser is computed: exactly, or with weights and their operands in 8 bits, on the CPU alone. */
export const precisions = ['float32', 'int8'] as const;

export type Precision = (typeof precisions)[number];

const positive = z.number().int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const samplingSchema = z.strictObject({
  sampler: z.enum(samplerNames as [string, ...string[]]),
  steps: positive.max(1000),
  eta: z.number().min(0).max(1),
  guidance: z.number().min(0),
  guidanceMode: z.enum(guidanceModes as [GuidanceMode, ...GuidanceMode[]]),
  /** What pictures are sampled with; default: the prompt of training. */
  prompt: z.string().optional(),
  /** Default: float32. */
  precision: z.enum(precisions).optional(),
});

export type SamplingDefaults = z.infer<typeof samplingSchema>;

export const inverterSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  description: z.string(),
  licence: z.string(),
  /** The classifier and the layer whose map is inverted. */
  backbone: z.string(),
  /** The classifier's weights where the inverter was made with a file of its own: relative to this file. */
  backboneWeights: z.strictObject({ path: z.string(), sha256 }).optional(),
  layer: z.string(),
  /** Channels, height and width of the map. */
  mapShape: z.tuple([positive, positive, positive]),
  /** Whether the map is replaced by its mean over positions, the paper's baseline. */
  pooled: z.boolean(),
  hintWidth: positive,
  base: z.strictObject({
    /** Folder or checkpoint of the base model, relative to this file. */
    path: z.string(),
    /** sha256 of the base's UNet file, or of all its files, one after another. */
    sha256,
    /** Which of the base's weights, and of what size its images are, where its files leave that open. */
    averaged: z.boolean().optional(),
    imageSize: positive.optional(),
  }),
  /** sha256 of the ControlNet file. */
  controlNet: z.strictObject({ sha256 }),
  /** What was measured best for this model. */
  sampling: samplingSchema,
  training: z.record(z.string(), z.unknown()),
});

export type InverterConfig = z.infer<typeof inverterSchema>;

/** Reads and checks the `featinv.json` of an inverter's folder. */
export async function readInverterConfig(directory: string): Promise<InverterConfig> {
  const path = join(directory, inverterFiles.config);
  if (!existsSync(path)) {
    throw new InputError(`${directory} is no inverter: it has no ${inverterFiles.config}`);
  }
  return readConfig(inverterSchema, path);
}

/** What `loadBackbone` opens an inverter's classifier by: its name, or `NAME=FILE`. */
export async function backboneReference(
  directory: string,
  {
    name,
    backbone,
    backboneWeights,
  }: Pick<InverterConfig, 'name' | 'backbone' | 'backboneWeights'>,
): Promise<string> {
  if (backboneWeights === undefined) return backbone;
  const file = resolve(directory, backboneWeights.path);
  if (!existsSync(file)) {
    throw new InputError(
      `${name} was made with the weights of ${backbone} in ${file}, which is not there: put the file back, or write its ` +
        `place into "backboneWeights" of ${join(directory, inverterFiles.config)}`,
    );
  }
  await checkSha256(
    file,
    backboneWeights.sha256,
    `${name} was made with other weights of ${backbone}`,
  );
  return `${backbone}=${file}`;
}
