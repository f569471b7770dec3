import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import type { Tensor } from '../../src/graph/index.js';
import { emitModel } from '../../src/onnx/emit.js';
import { inspectModel } from '../../src/onnx/inspect-model.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';

const SEGMENTS = 4;
const x = g.input('x', [2, 6]);
const weights = Array.from({ length: SEGMENTS }, (_, i) => g.input(`w${i}`, [6, 6]));

/** Segments that read the one before, one further back (a skip), and a value that all of them share. */
function chain(): Tensor {
  const shared = g.exp(g.mean(x, [1], true));
  const ends = [x];
  weights.forEach((w, i) => {
    const inner = g.sigmoid(g.standardise(g.matmul(ends.at(-1)!, w), 1e-5));
    const gated = g.mul(g.silu(inner), shared);
    ends.push(g.segmentBorder(g.add(gated, ends[Math.max(0, i - 1)]!)));
  });
  return g.sum(g.mul(ends.at(-1)!, ends.at(-1)!));
}

const feeds = Object.fromEntries(
  [x, ...weights].map(({ shape, source }) => {
    const name = source.kind === 'input' ? source.name : '';
    return [name, new Random(name).fillNormal(new Float32Array(g.sizeOf(shape)))];
  }),
);

function outputsOf(recompute: boolean): Record<string, Tensor> {
  const loss = chain();
  const parts = g.gradients(loss, weights, { recompute });
  return { loss, ...Object.fromEntries(parts.map((part, i) => [`gradient ${i}`, part])) };
}

const opCount = (text: string, op: string): number => text.split(` = ${op}(`).length - 1;

describe('gradients with recomputation', () => {
  it('computes what is inside a segment twice, from values that are kept', () => {
    const kept = g.describeGraph(outputsOf(false));
    const again = g.describeGraph(outputsOf(true));
    for (const op of ['silu', 'standardise']) {
      expect(opCount(kept, op)).toBe(SEGMENTS);
      expect(opCount(again, op)).toBe(2 * SEGMENTS);
    }
    // The shared value is inside the first segment: the others read the kept one.
    expect(opCount(again, 'exp')).toBe(opCount(kept, 'exp') + 1);
    expect(opCount(again, 'after')).toBeGreaterThan(SEGMENTS);
    expect(opCount(kept, 'after')).toBe(0);
  });

  it('has the same bits', async () => {
    const results = [];
    for (const recompute of [false, true]) {
      const session = await Session.compile(outputsOf(recompute));
      results.push(await session.run(feeds));
      await session.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    for (const values of Object.values(results[0]!)) {
      expect(values.some((value) => Math.abs(value) > 1e-3)).toBe(true);
    }
  });

  it('changes nothing where there is no border', () => {
    const loss = g.sum(g.silu(g.matmul(x, weights[0]!)));
    const [kept, again] = [false, true].map((recompute) => {
      const [dw] = g.gradients(loss, [weights[0]!], { recompute });
      return g.describeGraph({ dw: dw! });
    });
    expect(again).toBe(kept);
  });

  it('is not undone by ONNX Runtime, which merges equal nodes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'featinv-recompute-'));
    const optimised = async (recompute: boolean): Promise<number> => {
      const file = join(folder, `${recompute}.onnx`);
      const session = await ort.InferenceSession.create(emitModel(outputsOf(recompute)).bytes, {
        graphOptimizationLevel: 'all',
        optimizedModelFilePath: file,
        logSeverityLevel: 4,
      });
      await session.release();
      const { nodes } = inspectModel(await readFile(file));
      return nodes.filter(({ opType }) => opType === 'LayerNormalization').length;
    };
    expect(await optimised(false)).toBe(SEGMENTS);
    expect(await optimised(true)).toBe(2 * SEGMENTS);
    await rm(folder, { recursive: true });
  });
});
