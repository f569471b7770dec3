import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { inRoot, runNode, say } from './project.mjs';

const DIST = inRoot('dist');
/** What builds themselves note down, and the studio's page: not compiled from src/. */
const NOT_COMPILED = new Set(['.build', 'studio']);

/** What is made from what. The page takes its types from src/ and they leave nothing behind in it. */
const BUILDS = [
  {
    name: 'inputs',
    entry: path.join(DIST, 'cli', 'main.js'),
    inputs: () => [
      'package-lock.json',
      'tsconfig.json',
      'tsconfig.build.json',
      ...filesBelow('src').filter((name) => name.endsWith('.ts')),
    ],
    run() {
      say('Building …');
      removeOrphans(DIST, inRoot('src'));
      return runNode([inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
    },
  },
  {
    name: 'studio',
    entry: path.join(DIST, 'studio', 'index.html'),
    inputs: () => ['package-lock.json', ...filesBelow('studio')],
    run() {
      say('Building the studio’s page …');
      return runNode([
        inRoot('node_modules/vite/bin/vite.js'),
        ...['build', 'studio', '--logLevel', 'warn'],
      ]);
    },
  },
];

/**
 * Builds into dist/ what has changed in its content since the last good build: src/ compiled, and the
 * studio's page (a second). True when all of it builds.
 */
export function ensureBuilt() {
  return BUILDS.every(({ name, entry, inputs, run }) => {
    const stamp = path.join(DIST, '.build', `${name}.sha256`);
    const hash = hashFiles(inputs());
    if (existsSync(entry) && readText(stamp) === hash) return true;
    if (run() !== 0) return false;
    mkdirSync(path.dirname(stamp), { recursive: true });
    writeFileSync(stamp, hash);
    return true;
  });
}

function filesBelow(folder) {
  return readdirSync(inRoot(folder), { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(inRoot(name)).isFile())
    .sort();
}

/** Content decides, not times: a fresh checkout or a restored file must not mislead. */
function hashFiles(names) {
  const hash = createHash('sha256');
  for (const name of names) {
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
      if (!NOT_COMPILED.has(entry.name)) removeOrphans(compiled, path.join(sources, entry.name));
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
