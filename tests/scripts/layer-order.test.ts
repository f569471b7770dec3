import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { Linter, type Rule } from 'eslint';
import { describe, expect, it } from 'vitest';

import { packageRoot } from '../../src/package-root.js';

const root = packageRoot();
const rule = pathToFileURL(path.join(root, 'scripts', 'lint', 'layer-order.js')).href;
const { layerOrder } = (await import(rule)) as { layerOrder: Rule.RuleModule };

function messages(file: string, code: string): string[] {
  const linter = new Linter({ cwd: root });
  const configuration: Linter.Config = {
    files: ['**/*.ts'],
    plugins: { featinv: { rules: { 'layer-order': layerOrder } } },
    rules: { 'featinv/layer-order': 'error' },
  };
  return linter.verify(code, [configuration], path.join(root, file)).map(({ message }) => message);
}

describe('the layer order', () => {
  it.each([
    ['src/nn/conv.ts', "import '../graph/index.js';"],
    ['src/graph/ops/add.ts', "import '../tensor.js'; import '../../errors.js';"],
    ['src/cli/commands/train.ts', "export * from '../../training/trainer.js';"],
  ])('lets %s have %s', (file, code) => {
    expect(messages(file, code)).toEqual([]);
  });

  it.each([
    ['src/graph/op.ts', "import '../nn/conv.js';", 'graph must not import nn'],
    [
      'src/training/loop.ts',
      "import '../diffusion/unet.js';",
      'training must not import diffusion',
    ],
    ['src/errors.ts', "export { writeAtomic } from './files.js';", 'errors must not import files'],
    ['src/nn/conv.ts', "await import('../../tests/x.js');", 'from outside src/: ../../tests/x.js'],
    ['src/nn/conv.ts', "import '../surprise/x.js';", 'src/surprise is not in the layer order'],
  ])('forbids %s to have %s', (file, code, message) => {
    expect(messages(file, code)).toEqual([expect.stringContaining(message)]);
  });
});
