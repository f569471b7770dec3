import { beforeAll, describe, expect, it } from 'vitest';
import { decode, encode, type ConceptModel } from '../../src/concepts/concept-model.js';
import { sae } from '../../src/concepts/methods/sae.js';
import {
  initialWeights,
  reviveAtoms,
} from '../../src/concepts/sparse-autoencoder/autoencoder-weights.js';
import {
  reconstructionLoss,
  traceAutoencoder,
} from '../../src/concepts/sparse-autoencoder/trace-autoencoder.js';
import { dot, rowOf, timesTransposed, vectors, type Vectors } from '../../src/concepts/vectors.js';
import { InputError } from '../../src/errors.js';
import { input } from '../../src/graph/index.js';
import { trainableParameters } from '../../src/nn/index.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';
import { parameterFeeds } from '../../src/training/gradient-step.js';
import { evaluate } from '../graph/interpreter.js';
import { interpretGradients, centralDifferences, expectClose } from '../graph/check-op.js';
import { noiseVectors, plantedSums } from './planted.js';

/** Share of the planted atoms that a dictionary has within a cosine of 0.9. */
function recovered(found: Vectors, atoms: Vectors): number {
  const cosines = timesTransposed(atoms, found);
  const best = Array.from({ length: atoms.count }, (_, a) => Math.max(...rowOf(cosines, a)));
  return best.filter((cosine) => cosine > 0.9).length / atoms.count;
}

describe('a sparse autoencoder fitted to sums of planted atoms', () => {
  const planted = plantedSums({
    count: 1500,
    channels: 32,
    atoms: 40,
    active: 3,
    noise: 0.01,
    seed: 5,
  });
  /** The features of a layer have any scale. */
  const v: Vectors = { ...planted.v, data: planted.v.data.map((value) => 20 * value) };
  let model: ConceptModel;
  const progress: [string, number, number][] = [];
  beforeAll(async () => {
    const onProgress = (...report: [string, number, number]): unknown => progress.push(report);
    model = await sae.fit(v, { count: 56, active: 3, seed: 1, threads: 1, onProgress });
  });

  it('recovers at least 80 % of them', () => {
    expect(recovered(model.dictionary, planted.atoms)).toBeGreaterThanOrEqual(0.8);
  });

  it('explains the vectors in their own units', () => {
    const codes = encode(model, v);
    const rest = decode(model, codes).data.map((value, i) => value - v.data[i]!);
    expect(dot(rest, rest) / dot(v.data, v.data)).toBeLessThan(0.1);
    expect(model.diagnostics['explainedVariance']).toBeGreaterThan(0.9);
    for (let i = 0; i < codes.count; i++) {
      const used = rowOf(codes, i).filter((code) => code !== 0);
      expect(used.length).toBeLessThanOrEqual(3);
      expect(used.every((code) => code > 0)).toBe(true);
    }
  });

  it('has atoms of unit length, the unused ones last', () => {
    for (let a = 0; a < model.dictionary.count; a++) {
      const atom = rowOf(model.dictionary, a);
      expect(dot(atom, atom)).toBeCloseTo(1, 5);
    }
    const unused = model.diagnostics['unusedAtoms']!;
    expect(unused).toBeLessThan(16);
    const codes = encode(model, v);
    const first = Array.from({ length: codes.count }, (_, i) => rowOf(codes, i)[0]!);
    expect(first.some((code) => code > 0)).toBe(true);
  });

  it('reports its progress to the end', () => {
    const [, , total] = progress[0]!;
    expect(progress.at(-1)).toEqual(['train', total, total]);
    expect(model.diagnostics['steps']).toBe(total);
  });
});

describe('the traced autoencoder', () => {
  const trace = () => {
    const x = input('x', [5, 4]);
    const random = new Random('weights');
    const drawn = initialWeights(noiseVectors(5, 4, 1), 6, random);
    drawn.bias.set(random.fillNormal(new Float32Array(6)));
    const p = trainableParameters(
      new Map([
        ['encoder', { shape: [6, 4], data: drawn.encoder.data }],
        ['decoder', { shape: [6, 4], data: drawn.decoder.data }],
        ['bias', { shape: [6], data: drawn.bias }],
        ['offset', { shape: [4], data: drawn.offset }],
      ]),
      0,
    );
    return { x, p, drawn, traced: traceAutoencoder(x, p, { atoms: 6, active: 2 }) };
  };
  const v = noiseVectors(5, 4, 2);

  it('computes the codes that the fitted model computes', async () => {
    const { p, drawn, traced } = trace();
    const session = await Session.compile(
      { codes: traced.codes, reconstruction: traced.reconstruction },
      { threads: 1 },
    );
    const results = await session.run({ x: v.data, ...parameterFeeds(p) });
    await session.dispose();
    const model: ConceptModel = {
      method: 'sae',
      concepts: [{ name: 'all', start: 0, end: 6 }],
      dictionary: drawn.decoder,
      offset: drawn.offset,
      encoder: { kind: 'top-k', weight: drawn.encoder, bias: drawn.bias, active: 2 },
      diagnostics: {},
    };
    const codes = encode(model, v);
    expectClose(results.codes, codes.data, 1e-6, 'codes');
    expectClose(results.reconstruction, decode(model, codes).data, 1e-6, 'reconstruction');
  });

  it('has the gradients of its loss by every weight', () => {
    const { x, p, traced } = trace();
    const loss = reconstructionLoss(x, traced.reconstruction);
    const values = { x: v.data, ...parameterFeeds(p) };
    const wrt = [...p.inputs.values()];
    interpretGradients(loss, wrt, values).forEach((gradient, i) =>
      expectClose(gradient, centralDifferences(loss, wrt[i]!, values), 1e-6),
    );
    expect(evaluate([loss], values)[0]!.data[0]).toBeGreaterThan(0);
  });
});

describe('atoms that no vector uses', () => {
  it('start anew in the directions of residuals, each taken once', () => {
    const weights = initialWeights(noiseVectors(4, 3, 3), 4, new Random('atoms'));
    const moments = new Map(
      [
        ['encoder', 12],
        ['bias', 4],
        ['decoder', 12],
        ['offset', 3],
      ].map(([name, size]) => [
        name as string,
        {
          first: new Float32Array(size as number).fill(1),
          second: new Float32Array(size as number).fill(1),
        },
      ]),
    );
    weights.bias.fill(-5);
    const residuals = vectors(3, 3);
    residuals.data.set([0, 2, 0, 0, 0, 0, 0, 0, -3]);
    const before = rowOf(weights.decoder, 0).slice();
    const revived = reviveAtoms(weights, moments, [1, 2, 3], residuals, new Random('draws'));
    // One residual is 0, so that there are directions for two of the three.
    expect(revived).toBe(2);
    const rows = [1, 2].map((a) => Array.from(rowOf(weights.decoder, a)));
    expect(rows).toContainEqual([0, 1, 0]);
    expect(rows.some((row) => row[2] === -1)).toBe(true);
    expect(rowOf(weights.decoder, 0)).toEqual(before);
    expect(Array.from(weights.bias)).toEqual([-5, 0, 0, -5]);
    expect(Array.from(moments.get('bias')!.first)).toEqual([1, 0, 0, 1]);
    expect(Array.from(moments.get('decoder')!.second.subarray(0, 4))).toEqual([1, 1, 1, 0]);
    expect(moments.get('offset')!.first.every((value) => value === 1)).toBe(true);
  });
});

describe('wrong numbers', () => {
  const v = noiseVectors(20, 4, 1);
  it.each([0, 6, 1.5])('of active concepts are refused: %s', async (active) => {
    const fit = sae.fit(v, { count: 5, active, seed: 0 });
    await expect(fit).rejects.toThrow(InputError);
    await expect(fit).rejects.toThrow(/sae: the number of active concepts must be .* 1 to 5/);
  });
});
