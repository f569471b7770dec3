/** Compares a traced function with outputs and gradients that PyTorch computed (reference/engine). */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { openSafetensors } from '../../src/checkpoints/safetensors.js';
import { constant, gradients, input, mul, sum } from '../../src/graph/index.js';
import type { Shape, Tensor } from '../../src/graph/index.js';
import { trainableParameters, type Parameters } from '../../src/nn/index.js';
import { Session } from '../../src/runtime/session.js';
import { expectClose } from '../graph/check-op.js';
import { waveParameter, waves } from './waves.js';

const TOLERANCE = 1e-4;

type Build = (p: Parameters, inputs: Readonly<Record<string, Tensor>>) => Tensor;

/** Output, input gradients and parameter gradients; the parameters' names and shapes must be PyTorch's. */
export async function expectLikePyTorch(name: string, build: Build): Promise<void> {
  const path = fileURLToPath(new URL(`../fixtures/engine/${name}.safetensors`, import.meta.url));
  const file = openSafetensors(path);
  const shapesOf = (key: string): Record<string, Shape> =>
    JSON.parse(file.metadata[key]!) as Record<string, Shape>;

  const values: NamedTensors = new Map(
    Object.entries(shapesOf('parameters')).map(([key, shape]) => [
      key,
      { shape, data: waveParameter(key, shape) },
    ]),
  );
  const parameters = trainableParameters(values, 0);
  const shapes = shapesOf('inputs');
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([key, shape]) => [key, input(key, shape)]),
  );
  const output = build(parameters, inputs);
  expect([...parameters.inputs.keys()].sort()).toEqual(Object.keys(shapesOf('parameters')).sort());
  expect(output.shape).toEqual(file.entries.get('output')!.shape);

  const loss = sum(mul(output, constant(waves('loss', output.shape), output.shape)));
  const wrt = new Map<string, Tensor>([
    ...Object.entries(inputs).map(([key, x]): [string, Tensor] => [`d input ${key}`, x]),
    ...[...parameters.inputs].map(([key, x]): [string, Tensor] => [`d parameter ${key}`, x]),
  ]);
  const parts = gradients(loss, [...wrt.values()]);
  const outputs: Record<string, Tensor> = { output };
  [...wrt.keys()].forEach((key, i) => (outputs[key] = parts[i]!));

  const session = await Session.compile(outputs, { threads: 1 });
  const results = await session.run({
    ...Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, waves(key, shape)])),
    ...Object.fromEntries([...values].map(([key, { data }]) => [key, data])),
  });
  await session.dispose();
  expect(Object.keys(outputs).sort()).toEqual([...file.entries.keys()].sort());
  for (const [key, result] of Object.entries(results)) {
    const expected = file.read(key);
    expectClose(sample(result, expected.length), expected, TOLERANCE, `${name}: ${key}`, 0.05);
  }
}

/** The evenly spaced elements that the reference kept of a large gradient. */
function sample(values: Float32Array, count: number): Float32Array {
  let stride = 1;
  while (Math.ceil(values.length / stride) > count) stride++;
  return values.filter((_, i) => i % stride === 0);
}
