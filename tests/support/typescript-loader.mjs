/**
 * `node --import typescript-loader.mjs file.ts` lets child processes of tests run sources unbuilt.
 * What has been compiled is kept by content, so that only the first child waits for the compiler.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const CACHE = new URL('../../.cache/test-sources/', import.meta.url);

if (isMainThread) register(import.meta.url);

/** Sources import each other by the names they will have when compiled. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  const name = createHash('sha256').update(source).digest('hex').slice(0, 32);
  const compiled = new URL(`${name}.mjs`, CACHE);
  if (!existsSync(compiled)) await compile(source, fileURLToPath(url), compiled);
  return { format: 'module', source: readFileSync(compiled, 'utf8'), shortCircuit: true };
}

async function compile(source, fileName, target) {
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  mkdirSync(CACHE, { recursive: true });
  const temporary = new URL(`${randomUUID()}.tmp`, CACHE);
  writeFileSync(temporary, outputText);
  renameSync(temporary, target);
}
