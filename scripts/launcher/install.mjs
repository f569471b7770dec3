import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { inRoot, isWindows, readJson, root, say, stop } from './project.mjs';

/** True when every package of the lockfile (optional ones aside) is installed in its version. */
export function isInstalled() {
  const wanted = readJson(inRoot('package-lock.json'))?.packages;
  // npm writes this file last, so an interrupted installation does not have it.
  const present = readJson(inRoot('node_modules', '.package-lock.json'))?.packages;
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([place, { version, optional, devOptional }]) =>
      place === '' ||
      optional ||
      devOptional ||
      (present[place]?.version === version && existsSync(inRoot(place, 'package.json'))),
  );
}

/** Runs `npm ci` unless the installed packages are those of the lockfile. */
export function ensureInstalled() {
  checkNodeVersion();
  if (isInstalled()) return;
  say('Installing dependencies (npm ci, about 200 MB, once) …');
  const started = performance.now();
  const status = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    stop(
      'The installation failed: see above. Check the network and the registry setting, then try again.',
    );
  }
  say(`Installed in ${Math.round((performance.now() - started) / 1000)} s.`);
}

function npm(args) {
  // Under `npm start` the very npm that was called is known; elsewhere the one on the PATH.
  const cli = process.env.npm_execpath;
  const viaNode = cli !== undefined && /\.c?js$/.test(cli);
  const result = spawnSync(viaNode ? process.execPath : 'npm', viaNode ? [cli, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: !viaNode && isWindows,
    // onnxruntime-node would download CUDA libraries: README.md says how to opt in.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip', ...process.env },
  });
  if (result.error) stop(`npm cannot be started: ${result.error.message}`);
  return result.status ?? 1;
}

function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 9)) {
    stop(`featinv needs Node.js 20.9 or newer, this is ${process.versions.node}`);
  }
}
