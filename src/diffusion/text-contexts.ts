/** The text contexts of a base model: stored, or encoded by its text encoder. */
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import { readSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { mappedParameters } from '../nn/index.js';
import { encodePrompts, type TextEncoderConfig } from './text/index.js';

/** The two text contexts that FeatInv needs, each [length · width]: the empty prompt and the prompt. */
export interface TextContexts {
  readonly null: Float32Array;
  readonly prompt: Float32Array;
}

/** Name of the tensor [2, length, width] that holds them, the empty prompt first. */
export const CONTEXTS = 'contexts';

/** The authors' prompt of every picture. */
export const PROMPT = 'a high-quality, detailed, and professional image';

/** What the authors sample with: they append a comma that training did not have. */
export const SAMPLING_PROMPT = `${PROMPT}, `;

/** Contexts in a file are those of the empty prompt and `PROMPT`; throws InputError for another one. */
export function readContexts(path: string, prompt = PROMPT): TextContexts {
  if (prompt !== PROMPT) {
    throw new InputError(
      `${path} holds the text context of "${PROMPT}" only: "${prompt}" needs a base model with a text encoder`,
    );
  }
  const tensor = readSafetensors(path).get(CONTEXTS);
  if (!tensor || tensor.shape[0] !== 2) {
    throw new InputError(`${path} lacks the tensor "${CONTEXTS}" of shape [2, length, width]`);
  }
  const size = tensor.data.length / 2;
  return { null: tensor.data.slice(0, size), prompt: tensor.data.slice(size) };
}

/** `weights` are those of the text encoder, in transformers' names. Used once: mapped, not repacked. */
export async function encodeContexts(
  weights: CheckpointFile,
  config: TextEncoderConfig,
  prompt = PROMPT,
): Promise<TextContexts> {
  const options = { memory: 'low' } as const;
  const contexts = await encodePrompts(mappedParameters(weights), config, ['', prompt], options);
  return { null: contexts[0]!, prompt: contexts[1]! };
}
