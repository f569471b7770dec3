import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  conceptFiles,
  readConcepts,
  writeConcepts,
  type FittedConcepts,
} from '../../src/concepts/concept-files.js';
import type { ConceptModel } from '../../src/concepts/concept-model.js';
import type { Encoder } from '../../src/concepts/encoders.js';
import { InputError } from '../../src/errors.js';
import { noiseVectors } from './planted.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'featinv-concepts-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const ATOMS = 3;
const CHANNELS = 4;
const dictionary = noiseVectors(ATOMS, CHANNELS, 1);

const encoders: readonly Encoder[] = [
  { kind: 'linear', weight: noiseVectors(ATOMS, CHANNELS, 2) },
  { kind: 'nearest' },
  { kind: 'non-negative' },
  {
    kind: 'top-k',
    weight: noiseVectors(ATOMS, CHANNELS, 3),
    bias: Float32Array.of(0.5, -1, 0),
    active: 2,
  },
];

function fitted(encoder: Encoder): FittedConcepts {
  const model: ConceptModel = {
    method: 'some method',
    concepts: [
      { name: 'wheels', start: 0, end: 2 },
      { name: 'rest', start: 2, end: 3 },
    ],
    dictionary,
    offset: Float32Array.of(0.1, 0.2, 0.3, 0.4),
    encoder,
    diagnostics: { iterations: 12, relativeError: 0.25 },
  };
  return {
    backbone: 'lite0',
    layer: 'blocks.9',
    mapShape: [CHANNELS, 7, 7],
    imageSize: 64,
    fit: { images: ['a.png', 'ü b.jpg'], class: null, vectors: 98, seed: 3 },
    model,
  };
}

/** A folder with the two files, changed by the caller. */
async function folder(
  name: string,
  change: {
    config?: (text: string) => string | Uint8Array;
    tensors?: (bytes: Buffer) => Uint8Array;
    encoder?: Encoder;
  },
): Promise<string> {
  const directory = path.join(root, name);
  await writeConcepts(directory, fitted(change.encoder ?? encoders[3]!));
  const config = path.join(directory, conceptFiles.config);
  const tensors = path.join(directory, conceptFiles.tensors);
  if (change.config) writeFileSync(config, change.config(readFileSync(config, 'utf8')));
  if (change.tensors) writeFileSync(tensors, change.tensors(readFileSync(tensors)));
  return directory;
}

/** Edits the parsed configuration. */
const edited =
  (edit: (config: Record<string, never>) => void) =>
  (text: string): string => {
    const config = JSON.parse(text) as Record<string, never>;
    edit(config);
    return JSON.stringify(config);
  };

describe('concepts on disk', () => {
  it.each(encoders)('are read as they were written: encoder $kind', async (encoder) => {
    const directory = path.join(root, 'new', encoder.kind);
    await writeConcepts(directory, fitted(encoder));
    expect(await readConcepts(directory)).toEqual(fitted(encoder));
  });

  it('have the same bytes each time', async () => {
    const [one, two] = [await folder('one', {}), await folder('two', {})];
    for (const name of Object.values(conceptFiles)) {
      expect(readFileSync(path.join(one, name))).toEqual(readFileSync(path.join(two, name)));
    }
  });
});

describe('a sentence says what is wrong', () => {
  const set = (key: string, value: unknown) =>
    edited((config) => Object.assign(config, { [key]: value }));
  const cases: [string, Parameters<typeof folder>[1], RegExp][] = [
    [
      'with a missing field',
      { config: edited((config) => delete config['layer']) },
      /concepts\.json: "layer" is missing/,
    ],
    [
      'with an unknown field',
      { config: set('mapshape', [4, 7, 7]) },
      /"mapshape" is not a field, did you mean "mapShape"\?/,
    ],
    [
      'with a version of the future',
      { config: set('schemaVersion', 2) },
      /"schemaVersion" must be 1, got 2/,
    ],
    [
      'without concepts',
      { config: set('concepts', []) },
      /"concepts" must be a list of at least 1/,
    ],
    [
      'with a gap between concepts',
      {
        config: set('concepts', [
          { name: 'a', start: 0, end: 1 },
          { name: 'b', start: 2, end: 3 },
        ]),
      },
      /"concepts": each concept must begin where the one before it ends/,
    ],
    [
      'with a concept without atoms',
      {
        config: set('concepts', [
          { name: 'a', start: 0, end: 3 },
          { name: 'b', start: 3, end: 3 },
        ]),
      },
      /each concept must begin where the one before it ends, the first at 0, and have an atom/,
    ],
    [
      'with more atoms than the tensors hold',
      { config: set('concepts', [{ name: 'a', start: 0, end: 5 }]) },
      /concepts\.safetensors: tensor "dictionary" has shape \[3,4\], concepts\.json needs \[5,4\]/,
    ],
    [
      'with another width',
      { config: set('mapShape', [8, 7, 7]) },
      /tensor "dictionary" has shape \[3,4\], concepts\.json needs \[3,8\]/,
    ],
    [
      'with more active codes than atoms',
      { config: set('encoder', { kind: 'top-k', active: 4 }) },
      /concepts\.json: "encoder\.active" must be at most 3, the number of atoms, got 4/,
    ],
    [
      'with an encoder that the tensors lack',
      { encoder: { kind: 'nearest' }, config: set('encoder', { kind: 'linear' }) },
      /concepts\.safetensors: tensor "encoder\.weight" is missing/,
    ],
    [
      'with values that are not numbers',
      { tensors: (bytes) => bytes.fill(0xff, bytes.length - 4) },
      /concepts\.safetensors: tensor "offset" holds values that are not finite/,
    ],
  ];
  it.each(cases)('%s', async (name, change, message) => {
    const reading = readConcepts(await folder(name, change));
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(message);
  });

  it.each(Object.values(conceptFiles))('where %s is missing', async (name) => {
    const directory = await folder(`without ${name}`, {});
    rmSync(path.join(directory, name));
    const reading = readConcepts(directory);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(path.join(directory, name));
  });

  it('where a file is a folder', async () => {
    const directory = await folder('folder in place of a file', {});
    rmSync(path.join(directory, conceptFiles.tensors));
    mkdirSync(path.join(directory, conceptFiles.tensors));
    await expect(readConcepts(directory)).rejects.toThrow(InputError);
  });
});

describe('damaged files', () => {
  /** Reads concepts whose parts agree, or fails with one line that names a file of the folder. */
  async function expectConceptsOrInputError(directory: string): Promise<void> {
    const outcome = await readConcepts(directory).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(InputError);
      expect(outcome.message).toContain(directory);
      expect(outcome.message).not.toContain('\n');
    } else {
      const { model, mapShape } = outcome as FittedConcepts;
      expect(model.dictionary.data.length).toBe(model.concepts.at(-1)!.end * mapShape[0]);
    }
  }

  it.each(['config', 'tensors'] as const)('cut off anywhere are refused: %s', async (part) => {
    const directory = await folder(`cut ${part}`, {});
    const file = path.join(directory, conceptFiles[part]);
    const whole = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 2 }), async (length) => {
        writeFileSync(file, whole.subarray(0, length));
        const reading = readConcepts(directory);
        await expect(reading).rejects.toThrow(InputError);
        await expect(reading).rejects.toThrow(file);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['config', 'tensors'] as const)('with wrong bytes never crash: %s', async (part) => {
    const directory = await folder(`wrong ${part}`, {});
    const file = path.join(directory, conceptFiles[part]);
    const whole = readFileSync(file);
    const change = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      value: fc.nat({ max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, value } of changes) bytes[at] = value;
        writeFileSync(file, bytes);
        await expectConceptsOrInputError(directory);
      }),
      { numRuns: 80 },
    );
  });

  it('with any JSON in place of the configuration are refused', async () => {
    const directory = await folder('any JSON', {});
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        writeFileSync(path.join(directory, conceptFiles.config), text);
        await expect(readConcepts(directory)).rejects.toThrow(InputError);
      }),
      { numRuns: 40 },
    );
  });
});
