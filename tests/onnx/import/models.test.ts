import { describe, expect, it } from 'vitest';
import { constant, gradients, mul, sum } from '../../../src/graph/index.js';
import { Random } from '../../../src/random.js';
import { Session } from '../../../src/runtime/session.js';
import { hashUniform } from '../../support/hash-weights.js';
import {
  CLASSES,
  fixtureBytes,
  fixtureNames,
  PIXELS,
  readReference,
  relativeError,
  runOriginal,
  traceFixture,
} from './onnx-fixture.js';

const picture = Float32Array.from(hashUniform('picture', PIXELS));
const weights = Float32Array.from(hashUniform('weights', CLASSES));
const random = new Random('onnx models');
const normal = (count: number): Float32Array => random.fillNormal(new Float32Array(count));

/** Scores of one picture, and the gradient of their weighted sum. */
function compileGradient(name: string): Promise<Session<'scores' | 'gradient'>> {
  const { pixels, scores } = traceFixture(name, 1);
  const [gradient] = gradients(sum(mul(scores, constant(weights, [1, CLASSES]))), [pixels]);
  return Session.compile({ scores, gradient: gradient! }, { threads: 1 });
}

describe.each(fixtureNames)('%s', (name) => {
  const reference = readReference(name);

  it('gives PyTorch’s logits and gradient of a picture', async () => {
    const session = await compileGradient(name);
    const { scores, gradient } = await session.run({ pixels: picture });
    await session.dispose();
    expect(relativeError(scores, reference.logits)).toBeLessThan(1e-5);
    const { samples, largest } = reference.gradient;
    const places = samples.map((_, i) => Math.floor((i * (PIXELS - 1)) / (samples.length - 1)));
    const found = [...places.map((at) => gradient[at]!), Math.max(...gradient.map(Math.abs))];
    expect(relativeError(found, [...samples, largest])).toBeLessThan(2e-5);
  });

  it('gives ONNX Runtime’s scores of the original file', async () => {
    const batch = reference.anyBatch ? 3 : 1;
    const pixels = normal(batch * PIXELS);
    const traced = await Session.compile(
      { scores: traceFixture(name, batch).scores },
      { threads: 1 },
    );
    const original = await runOriginal(fixtureBytes(name));
    const { scores } = await traced.run({ pixels });
    expect(relativeError(scores, await original.scores(pixels))).toBeLessThan(1e-5);
    await Promise.all([traced.dispose(), original.release()]);
  });

  it('has the slope that ONNX Runtime finds on the original file', async () => {
    const original = await runOriginal(fixtureBytes(name));
    const session = await compileGradient(name);
    const loss = async (pixels: Float32Array): Promise<number> =>
      (await original.scores(pixels)).reduce((total, value, i) => total + value * weights[i]!, 0);
    const { gradient } = await session.run({ pixels: picture });
    const length = Math.hypot(...gradient);
    // Along the gradient, where the slope is its length, and along it mixed with a random direction.
    for (const share of [0, 0.5]) {
      const other = normal(PIXELS);
      const direction = gradient.map(
        (value, i) => value / length + (share * other[i]!) / Math.sqrt(PIXELS),
      );
      const slope = direction.reduce((total, value, i) => total + value * gradient[i]!, 0);
      // Small enough for the kinks of ReLU, large enough for float32.
      const step = 4e-3;
      const moved = (by: number): Float32Array =>
        picture.map((value, i) => value + by * direction[i]!);
      const difference = (await loss(moved(step))) - (await loss(moved(-step)));
      expect(Math.abs(difference / (2 * step) - slope) / Math.abs(slope)).toBeLessThan(5e-3);
    }
    await Promise.all([original.release(), session.dispose()]);
  });
});
