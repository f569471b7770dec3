import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { readConfig } from '../parse-config.js';
import { preprocessingSchema, readLabels } from './backbone-config.js';

const optionsSchema = z.strictObject({
  input: preprocessingSchema,
  /** The layer that is used where none is asked for; default: the last map. */
  layer: z.string().optional(),
  /** Name of the output with one score per class; default: the first output of shape [N, classes]. */
  scores: z.string().optional(),
  /** What the scores are. */
  scoreKind: z.enum(['logits', 'probabilities']).default('logits'),
  /** `imagenet`, or the path of a JSON file `{"labels": […]}` relative to the options file. */
  labels: z.string().optional(),
});

/** What the JSON file beside an .onnx file says. */
export type OnnxOptions = z.infer<typeof optionsSchema>;

/** The options that a message shows to somebody who has none. */
const EXAMPLE =
  '{"input":{"size":224,"crop":0.875,"filter":"bicubic","mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]},"labels":"imagenet"}';

/** Where the options of an .onnx file are. */
export const optionsPathOf = (path: string): string => path.replace(/\.onnx$/i, '.json');

/** Reads the options of the .onnx file at `path`. Throws InputError that shows an example. */
export async function readOnnxOptions(path: string): Promise<OnnxOptions> {
  const optionsPath = optionsPathOf(path);
  if (!existsSync(optionsPath)) {
    throw new InputError(
      `${path} needs ${optionsPath} beside it, which says how pictures are fed, such as ${EXAMPLE}`,
    );
  }
  return readConfig(optionsSchema, optionsPath);
}

/** One name for each class: those that the options name, or numbers. */
export async function onnxLabels(
  path: string,
  { labels }: OnnxOptions,
  classes: number,
): Promise<readonly string[]> {
  if (labels === undefined) return Array.from({ length: classes }, (_, i) => `class ${i}`);
  const optionsPath = optionsPathOf(path);
  const names = await readLabels(
    labels === 'imagenet'
      ? join(packageRoot(), 'models', 'backbones', 'imagenet-labels.json')
      : resolve(dirname(optionsPath), labels),
  );
  if (names.length === classes) return names;
  throw new InputError(`${optionsPath} names ${names.length} classes, ${path} has ${classes}`);
}
