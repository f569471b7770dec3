/** A fitted concept model on disk: `concepts.json` and `concepts.safetensors` in a folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, writeSafetensors } from '../checkpoints/safetensors.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { InputError } from '../errors.js';
import { writeAtomic } from '../files.js';
import { show } from '../graph/index.js';
import { readConfig } from '../parse-config.js';
import type { ConceptModel } from './concept-model.js';
import type { Encoder } from './encoders.js';
import type { Vectors } from './vectors.js';

export const conceptFiles = { config: 'concepts.json', tensors: 'concepts.safetensors' } as const;

const shapeSchema = z.tuple([
  z.number().int().positive(),
  z.number().int().positive(),
  z.number().int().positive(),
]);

const conceptsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  method: z.string(),
  /** The classifier and layer whose maps were taken apart. */
  backbone: z.string(),
  layer: z.string(),
  mapShape: shapeSchema,
  /** Side of the pictures that the classifier was shown, enlarged to its input. */
  imageSize: z.number().int().positive(),
  concepts: z
    .array(
      z.strictObject({
        name: z.string(),
        start: z.number().int().min(0),
        end: z.number().int().positive(),
      }),
    )
    .min(1)
    .refine(
      (concepts) =>
        concepts.every(({ start, end }, k) => start < end && start === (concepts[k - 1]?.end ?? 0)),
      'each concept must begin where the one before it ends, the first at 0, and have an atom',
    ),
  encoder: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('linear') }),
    z.strictObject({ kind: z.literal('nearest') }),
    z.strictObject({ kind: z.literal('non-negative') }),
    z.strictObject({ kind: z.literal('top-k'), active: z.number().int().positive() }),
  ]),
  diagnostics: z.record(z.string(), z.number()),
  /** Where the vectors came from. */
  fit: z.strictObject({
    /** Files, in the order of their maps. */
    images: z.array(z.string()),
    /** Class whose pictures were kept; null: all. */
    class: z.string().nullable(),
    vectors: z.number().int().positive(),
    seed: z.number().int(),
  }),
});

/** `concepts.json`. */
export type ConceptsConfig = z.infer<typeof conceptsSchema>;

/** What a fit knows beyond the model itself. */
export type ConceptsOrigin = Pick<
  ConceptsConfig,
  'backbone' | 'layer' | 'mapShape' | 'imageSize' | 'fit'
>;

/** A model with the classifier and layer that it belongs to. */
export interface FittedConcepts extends ConceptsOrigin {
  readonly model: ConceptModel;
}

/** Writes both files; the folder is made where it is missing. */
export async function writeConcepts(directory: string, fitted: FittedConcepts): Promise<void> {
  const { model, ...origin } = fitted;
  const { encoder } = model;
  const config: ConceptsConfig = {
    schemaVersion: 1,
    method: model.method,
    ...origin,
    concepts: model.concepts.map((concept) => ({ ...concept })),
    encoder:
      encoder.kind === 'top-k'
        ? { kind: encoder.kind, active: encoder.active }
        : { kind: encoder.kind },
    diagnostics: { ...model.diagnostics },
  };
  const tensors: NamedTensors = new Map([
    ['dictionary', matrix(model.dictionary)],
    ['offset', { shape: [model.offset.length], data: model.offset }],
  ]);
  if ('weight' in encoder) tensors.set('encoder.weight', matrix(encoder.weight));
  if ('bias' in encoder) {
    tensors.set('encoder.bias', { shape: [encoder.bias.length], data: encoder.bias });
  }
  await mkdir(directory, { recursive: true });
  await writeSafetensors(join(directory, conceptFiles.tensors), tensors);
  // Last: a folder with a configuration is whole.
  await writeAtomic(join(directory, conceptFiles.config), `${JSON.stringify(config, null, 2)}\n`);
}

/** Reads what `writeConcepts` wrote. Throws InputError where the files are missing or do not agree. */
export async function readConcepts(directory: string): Promise<FittedConcepts> {
  const config = await readConfig(conceptsSchema, join(directory, conceptFiles.config));
  const file = join(directory, conceptFiles.tensors);
  const tensors = readSafetensors(file);
  const channels = config.mapShape[0];
  const atoms = config.concepts.at(-1)!.end;
  const rows = (name: string): Vectors => ({
    count: atoms,
    width: channels,
    data: take(file, tensors, name, [atoms, channels]),
  });
  const dictionary = rows('dictionary');
  const offset = take(file, tensors, 'offset', [channels]);
  const encoder = ((): Encoder => {
    switch (config.encoder.kind) {
      case 'linear':
        return { kind: 'linear', weight: rows('encoder.weight') };
      case 'top-k':
        if (config.encoder.active > atoms) {
          throw new InputError(
            `${join(directory, conceptFiles.config)}: "encoder.active" must be at most ${atoms}, the number of atoms, got ${config.encoder.active}`,
          );
        }
        return {
          ...config.encoder,
          weight: rows('encoder.weight'),
          bias: take(file, tensors, 'encoder.bias', [atoms]),
        };
      default:
        return config.encoder;
    }
  })();
  const { method, concepts, diagnostics, backbone, layer, mapShape, imageSize, fit } = config;
  return {
    backbone,
    layer,
    mapShape,
    imageSize,
    fit,
    model: { method, concepts, dictionary, offset, encoder, diagnostics },
  };
}

function matrix(v: Vectors): { shape: number[]; data: Float32Array } {
  return { shape: [v.count, v.width], data: v.data };
}

function take(
  file: string,
  tensors: NamedTensors,
  name: string,
  shape: readonly number[],
): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined || show(tensor.shape) !== show(shape)) {
    const found = tensor === undefined ? 'is missing' : `has shape ${show(tensor.shape)}`;
    throw new InputError(
      `${file}: tensor "${name}" ${found}, ${conceptFiles.config} needs ${show(shape)}`,
    );
  }
  if (!tensor.data.every(Number.isFinite)) {
    throw new InputError(`${file}: tensor "${name}" holds values that are not finite numbers`);
  }
  return tensor.data;
}
