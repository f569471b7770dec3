/** `config.json` of a shipped backbone: what it is, where it comes from, how it is fed. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';

const size = z.number().int().min(1);
const channels = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().positive();

export const preprocessingSchema = z.strictObject({
  size: size.min(8).max(4096),
  crop: positive.max(1),
  filter: z.enum(['bilinear', 'bicubic']),
  mean: channels,
  std: z.tuple([positive, positive, positive]),
});

export const backboneSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  family: z.enum(['efficientnet-lite', 'mobilenet-v1']),
  title: z.string(),
  description: z.string(),
  licence: z.string(),
  source: z.array(z.url()).min(1),
  paper: z.url(),
  input: preprocessingSchema,
  /** Classes of the logits; a background class of the stored network is not counted. */
  classes: size,
  backgroundClass: z.boolean(),
  /** Path of the class names, relative to this file. */
  labels: z.string(),
  defaultLayer: z.string(),
  layers: z
    .array(
      z.strictObject({ name: z.string(), channels: size, height: size, width: size, stride: size }),
    )
    .min(1),
  weights: z.strictObject({
    file: z.string(),
    bytes: size,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    storage: z.string(),
  }),
});

export type BackboneConfig = z.infer<typeof backboneSchema>;

const labelsSchema = z.object({ labels: z.array(z.string()).min(1) });

/** Reads a JSON file that must fit `schema`. Throws InputError naming the file and what is wrong. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${fileErrorReason(error)}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`${path} is not valid JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path: at, message }) => `${at.length === 0 ? 'the file' : at.join('.')}: ${message}`,
  );
  throw new InputError(`${path} is wrong: ${issues.join('; ')}`);
}

/** Class names: `{"labels": ["tench", …]}`. */
export async function readLabels(path: string): Promise<readonly string[]> {
  return (await readJson(path, labelsSchema)).labels;
}
