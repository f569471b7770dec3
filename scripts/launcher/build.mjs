import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { inRoot, runNode, say } from './project.mjs';

const DIST = inRoot('dist');
const STAMP = path.join(DIST, '.build', 'inputs.sha256');
const ENTRY = path.join(DIST, 'cli', 'main.js');

/** Compiles src/ into dist/ when its content has changed since the last good build; true when it compiles. */
export function ensureBuilt() {
  const inputs = hashInputs();
  const fresh = existsSync(ENTRY) && readText(STAMP) === inputs;
  if (!fresh) {
    say('Building …');
    removeOrphans(DIST, inRoot('src'));
    if (runNode([inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']) !== 0) {
      return false;
    }
    mkdirSync(path.dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, inputs);
  }
  return true;
}

/** Content decides, not times: a fresh checkout or a restored file must not mislead. */
function hashInputs() {
  const hash = createHash('sha256');
  const configuration = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  const sources = readdirSync(inRoot('src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join('src', name))
    .sort();
  for (const name of [...configuration, ...sources]) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(inRoot(name)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Removes what was compiled from sources that are gone. */
function removeOrphans(directory, sources) {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const compiled = path.join(directory, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== '.build') removeOrphans(compiled, path.join(sources, entry.name));
    } else if (!existsSync(path.join(sources, entry.name.replace(/(\.d\.ts|\.js)$/, '.ts')))) {
      rmSync(compiled);
    }
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
