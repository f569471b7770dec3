import { describe, expect, it } from 'vitest';
import {
  encodePrompts,
  encodeText,
  PROMPT_LENGTH,
  tokenize,
} from '../../../src/diffusion/text/index.js';
import { VOCABULARY_SIZE } from '../../../src/diffusion/text/clip-vocabulary.js';
import { input } from '../../../src/graph/index.js';
import { frozenParameters, trainableParameters } from '../../../src/nn/index.js';
import { Session } from '../../../src/runtime/session.js';
import { expectClose } from '../../graph/check-op.js';
import { hashWeights } from '../../support/hash-weights.js';
import { readEncoderReference } from './read-reference.js';

const small = { vocabulary: 64, positions: 11, width: 24, layers: 2, heads: 3, innerWidth: 40 };
const narrow = {
  vocabulary: VOCABULARY_SIZE,
  positions: PROMPT_LENGTH,
  width: 8,
  layers: 2,
  heads: 2,
  innerWidth: 16,
};

/** Hash-filled weights for any sizes; the names come from tracing. */
function weightsOf(config: typeof narrow) {
  const traced = trainableParameters(new Map(), 0);
  encodeText(traced, config, input('tokens', [1, config.positions], 'int64'));
  return hashWeights(new Map([...traced.values].map(([name, { shape }]) => [name, shape])));
}

describe('encodeText', () => {
  it('gives the hidden states of transformers, with its names and shapes', async () => {
    const reference = readEncoderReference('small');
    const p = trainableParameters(hashWeights(reference.shapes), 0);
    const states = encodeText(p, small, input('tokens', [2, small.positions], 'int64'));
    expect(states.shape).toEqual([2, small.positions, small.width]);
    expect([...p.inputs.keys()].sort()).toEqual([...reference.shapes.keys()].sort());
    const session = await Session.compile({ states }, { threads: 1 });
    const weights = [...p.values].map(([name, { data }]) => [name, data] as const);
    const results = await session.run({
      tokens: reference.ids,
      ...Object.fromEntries<Float32Array>(weights),
    });
    await session.dispose();
    expectClose(results.states, reference.states, 1e-5);
  });

  it('refuses tokens of another length and heads that do not divide the width', () => {
    const p = trainableParameters(new Map(), 0);
    expect(() => encodeText(p, small, input('tokens', [1, 12], 'int64'))).toThrow(
      'encodeText([1,12]): needs tokens [N,11]',
    );
    expect(() => encodeText(p, { ...small, heads: 5 }, input('tokens', [1, 11], 'int64'))).toThrow(
      '24 channels does not split into 5 heads',
    );
  });
});

describe('encodePrompts', () => {
  const weights = weightsOf(narrow);
  const encode = (...prompts: string[]): Promise<Float32Array[]> =>
    encodePrompts(frozenParameters(weights, 'test'), narrow, prompts, { threads: 1 });

  it('encodes each prompt by its own tokens, in their order', async () => {
    const prompts = ['', 'a photograph of a cat', 'a photograph of a dog'];
    const contexts = await encode(...prompts);
    expect(contexts.map(({ length }) => length)).toEqual(prompts.map(() => 77 * 8));
    const p = frozenParameters(weights, 'test');
    const states = encodeText(p, narrow, input('tokens', [3, PROMPT_LENGTH], 'int64'));
    const session = await Session.compile({ states }, { threads: 1 });
    const tokens = BigInt64Array.from(prompts.flatMap(tokenize), BigInt);
    const together = await session.run({ tokens });
    await session.dispose();
    expectClose(
      contexts.flatMap((context) => [...context]),
      together.states,
      1e-5,
    );
    const [, cat, dog] = contexts;
    const first = cat!.findIndex((value, i) => Math.abs(value - dog![i]!) > 1e-6);
    expect(Math.floor(first / 8)).toBe(
      tokenize(prompts[1]!).findIndex((id, i) => id !== tokenize(prompts[2]!)[i]),
    );
  });

  it('lets no token see a later one', async () => {
    const [short, long] = await encode('two cats', 'two cats on a red sofa');
    const known = 3 * narrow.width;
    expect(long!.slice(0, known)).toEqual(short!.slice(0, known));
    expect(long!.slice(known)).not.toEqual(short!.slice(known));
  });

  it('needs no position_ids and does not mind them', async () => {
    const [plain] = await encode('a cat');
    const extra = new Map(weights);
    extra.set('text_model.embeddings.position_ids', {
      shape: [1, PROMPT_LENGTH],
      data: Float32Array.from({ length: PROMPT_LENGTH }, (_, i) => i),
    });
    const [same] = await encodePrompts(frozenParameters(extra, 'test'), narrow, ['a cat']);
    expectClose(same!, plain!, 1e-6);
  });
});
