import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { outlineOf } from '../../src/backbones/expected-tensors.js';
import { loadTraceableBackbone, timmCatalogue } from '../../src/backbones/index.js';
import { writeSafetensors } from '../../src/checkpoints/safetensors.js';
import { input, sizeOf } from '../../src/graph/index.js';
import {
  errorsOfMaps,
  readTimmFixture,
  type NetworkReference,
} from '../backbones/timm-reference.js';
import { hashUniform, hashWeights } from '../support/hash-weights.js';

const TOLERANCE = 1e-4;

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-parity-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The largest errors and the numbers of parameters are printed: docs/parity.md records them. */
describe.each(Object.entries(readTimmFixture<Record<string, NetworkReference>>('full.json')))(
  '%s',
  (name, reference) => {
    const { family } = timmCatalogue.get(name)!.architecture;
    const { size } = reference;
    const { tensors } = outlineOf(family, size);

    it('has as many parameters as in timm', () => {
      const trained = [...tensors].filter(([key]) => !/running_(mean|var)$/.test(key));
      const count = (list: typeof trained): number =>
        list.reduce((total, [, shape]) => total + sizeOf(shape), 0);
      expect(count(trained)).toBe(reference.parameters);
      const features = trained.filter(([key]) => !/^(head|fc)\./.test(key));
      expect(count(features)).toBe(reference.featureParameters);
    });

    it("gives timm's maps and logits from a checkpoint file", async () => {
      const file = path.join(directory, 'model.safetensors');
      await writeSafetensors(file, hashWeights(tensors));
      const backbone = await loadTraceableBackbone(`${name}@${size}=${file}`);
      const images = input('images', [1, 3, size, size]);
      const picture = Float32Array.from(hashUniform('images', sizeOf(images.shape)));
      const errors = await errorsOfMaps(backbone.trace(images), reference, picture, 2);
      const largest = Math.max(...Object.values(errors));
      console.log(
        `${name} at ${size}: ${reference.parameters} parameters (${reference.featureParameters} ` +
          `without the head), largest error ${largest.toExponential(1)}, ` +
          Object.entries(errors)
            .map(([map, error]) => `${map} ${error.toExponential(1)}`)
            .join(', '),
      );
      expect(largest).toBeLessThan(TOLERANCE);
    }, 600_000);
  },
);
