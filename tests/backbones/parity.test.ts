import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  listBackbones,
  loadTraceableBackbone,
  normalisePixels,
} from '../../src/backbones/index.js';
import { readSafetensors } from '../../src/checkpoints/safetensors.js';
import { input, type Tensor } from '../../src/graph/index.js';
import { Session } from '../../src/runtime/session.js';
import { testPicture } from './test-picture.js';

const fixtures = fileURLToPath(new URL('../fixtures/backbones', import.meta.url));
const configs = await listBackbones();

/**
 * Largest difference relative to the largest reference value. Both sides use the stored weights, so
 * only the order of float32 additions differs.
 */
const TOLERANCE = 2e-4;

/** The fixtures keep 64 evenly spaced values of each map. */
function samples(values: Float32Array): Float32Array {
  return Float32Array.from(
    { length: 64 },
    (_, i) => values[Math.floor((i * (values.length - 1)) / 63)]!,
  );
}

function relativeError(values: Float32Array, reference: Float32Array): number {
  expect(values.length).toBe(reference.length);
  const scale = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return (
    values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0) / scale
  );
}

describe.each(configs)('$id', ({ id, layers }) => {
  it('gives every layer and the logits as the reference does', async () => {
    const backbone = await loadTraceableBackbone(id);
    const reference = readSafetensors(path.join(fixtures, `${id}.safetensors`));
    const { taps, logits } = backbone.trace(input('images', [1, 3, 224, 224]));
    expect([...taps.keys()]).toEqual(layers.map(({ name }) => name));
    const outputs: Record<string, Tensor> = { logits };
    for (const layer of layers) {
      const tap = taps.get(layer.name)!;
      expect(tap.shape).toEqual([1, layer.channels, layer.height, layer.width]);
      outputs[`layer.${layer.name}`] = tap;
    }
    const session = await Session.compile(outputs, { threads: 1 });
    const images = normalisePixels(testPicture(), backbone.preprocessing);
    const results = await session.run({ images });
    await session.dispose();
    expect([...reference.keys()].sort()).toEqual(Object.keys(outputs).sort());
    for (const [name, { data }] of reference) {
      const values = name === 'logits' ? results[name]! : samples(results[name]!);
      expect(relativeError(values, data), name).toBeLessThan(TOLERANCE);
    }
  });
});
