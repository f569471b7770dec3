import { input } from '../../graph/index.js';
import type { Parameters } from '../../nn/index.js';
import { Session, type SessionOptions } from '../../runtime/session.js';
import { PROMPT_LENGTH, tokenize } from './clip-tokenizer.js';
import { encodeText, type TextEncoderConfig } from './text-encoder.js';

/**
 * The text contexts of prompts, each [77 · width], in their order. `p` holds the weights of the text
 * encoder, such as `mappedParameters(openSafetensors('text_encoder/model.safetensors'))`.
 */
export async function encodePrompts(
  p: Parameters,
  config: TextEncoderConfig,
  prompts: readonly string[],
  options: SessionOptions = {},
): Promise<Float32Array[]> {
  const tokens = input('tokens', [1, PROMPT_LENGTH], 'int64');
  const session = await Session.compile({ states: encodeText(p, config, tokens) }, options);
  try {
    const contexts: Float32Array[] = [];
    for (const prompt of prompts) {
      const { states } = await session.run({
        tokens: BigInt64Array.from(tokenize(prompt), BigInt),
      });
      contexts.push(states);
    }
    return contexts;
  } finally {
    await session.dispose();
  }
}
