import path from 'node:path';

/** From top to bottom: a folder may import from the groups below its own, never beside or above. */
const GROUPS = [
  ['cli'],
  ['server'],
  ['index'],
  ['report'],
  ['queue'],
  ['work'],
  ['experiments'],
  ['evaluation', 'concepts', 'composition', 'robustness'],
  ['features'],
  ['inversion'],
  ['hub'],
  ['training', 'diffusion', 'backbones'],
  ['nn'],
  ['runtime'],
  ['onnx'],
  ['graph'],
  ['images'],
  ['storage'],
  ['checkpoints'],
  ['metrics'],
  ['parse-config'],
  ['random', 'files', 'package-root', 'featinv-home', 'nearest', 'fraction'],
  ['errors'],
];

const LEVEL = new Map(GROUPS.flatMap((group, level) => group.map((name) => [name, level])));

/** `src/graph/op.ts` → `graph`; `src/random.ts` → `random`; outside src → undefined. */
function layerOf(file, root) {
  const parts = path.relative(path.join(root, 'src'), file).split(path.sep);
  if (parts[0] === '..') return undefined;
  return parts.length === 1 ? parts[0].replace(/\.[jt]s$/, '') : parts[0];
}

/** Imports under src/ point down only: see docs/architecture.md. */
export const layerOrder = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unknown:
        'src/{{layer}} is not in the layer order; add it to scripts/lint/layer-order.js and docs/architecture.md.',
      upward:
        '{{from}} must not import {{to}}: imports point down only (scripts/lint/layer-order.js).',
      outside: 'src/ must not import from outside src/: {{source}}',
    },
  },
  create(context) {
    const from = layerOf(context.filename, context.cwd);
    function check(node) {
      const source = node.source?.value;
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const to = layerOf(path.resolve(path.dirname(context.filename), source), context.cwd);
      if (to === undefined) {
        context.report({ node, messageId: 'outside', data: { source } });
      } else if (to !== from && !LEVEL.has(to)) {
        context.report({ node, messageId: 'unknown', data: { layer: to } });
      } else if (to !== from && LEVEL.has(from) && LEVEL.get(to) <= LEVEL.get(from)) {
        context.report({ node, messageId: 'upward', data: { from, to } });
      }
    }
    return {
      Program(node) {
        if (!LEVEL.has(from)) {
          context.report({ node, messageId: 'unknown', data: { layer: from } });
        }
      },
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
