/** Prompts to text contexts: CLIP's tokenizer and text encoder. Knows no image and no denoiser. */
export { PROMPT_LENGTH, tokenize } from './clip-tokenizer.js';
export { encodePrompts } from './encode-prompts.js';
export { CLIP_VIT_L14, encodeText, type TextEncoderConfig } from './text-encoder.js';
