/** Translates src/training/kernels/kernels.wat into binary.ts: `node scripts/kernels.mjs`, after a change of it. */
import { readFileSync, writeFileSync } from 'node:fs';

import openWabt from 'wabt';

import { inRoot } from './launcher/project.mjs';

const at = (name) => inRoot('src/training/kernels', name);
const wabt = await openWabt();
const module = wabt.parseWat('kernels.wat', readFileSync(at('kernels.wat'), 'utf8'), {
  simd: true,
});
const binary = Buffer.from(module.toBinary({}).buffer);
const lines = binary.toString('base64').match(/.{1,100}/g);
writeFileSync(
  at('binary.ts'),
  `/** kernels.wat as WebAssembly, in base64. Made by \`node scripts/kernels.mjs\`. */
export const KERNELS =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`,
);
