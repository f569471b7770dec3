/** `config.json` of a shipped backbone: what it is, where it comes from, how it is fed. */
import { z } from 'zod';
import { readConfig } from '../parse-config.js';

const size = z.number().int().min(1);
const channels = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().positive();

export const preprocessingSchema = z.strictObject({
  size: size.min(8).max(4096),
  crop: positive.max(1),
  filter: z.enum(['bilinear', 'bicubic']),
  geometry: z.enum(['box', 'torchvision']).optional(),
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

/** Class names: `{"labels": ["tench", …]}`. */
export async function readLabels(path: string): Promise<readonly string[]> {
  return (await readConfig(labelsSchema, path)).labels;
}
