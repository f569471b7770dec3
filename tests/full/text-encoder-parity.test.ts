import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSafetensors, writeSafetensors } from '../../src/checkpoints/safetensors.js';
import { CLIP_VIT_L14, encodePrompts } from '../../src/diffusion/text/index.js';
import { sizeOf } from '../../src/graph/index.js';
import { mappedParameters } from '../../src/nn/index.js';
import { readEncoderReference } from '../diffusion/text/read-reference.js';
import { expectClose } from '../graph/check-op.js';
import { hashWeights } from '../support/hash-weights.js';

/** The reference kept these positions of each prompt. */
const EVERY = 11;

it('encodes prompts at full size as transformers does, from a mapped file', async () => {
  const reference = readEncoderReference('large');
  const sizes = [...reference.shapes.values()].map(sizeOf);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(123_060_480);
  const folder = await mkdtemp(join(tmpdir(), 'featinv-text-'));
  try {
    const path = join(folder, 'model.safetensors');
    const weights = hashWeights(reference.shapes);
    weights.set('text_model.embeddings.position_ids', {
      shape: [1, 77],
      data: Float32Array.from({ length: 77 }, (_, i) => i),
    });
    await writeSafetensors(path, weights);
    const contexts = await encodePrompts(mappedParameters(openSafetensors(path)), CLIP_VIT_L14, [
      '',
      'a high-quality, detailed, and professional image',
    ]);
    const { width, positions } = CLIP_VIT_L14;
    expect(contexts.map(({ length }) => length)).toEqual([positions * width, positions * width]);
    const kept = contexts.flatMap((context) =>
      Array.from(context).filter((_, i) => Math.floor(i / width) % EVERY === 0),
    );
    expectClose(kept, reference.states, 2e-5);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
