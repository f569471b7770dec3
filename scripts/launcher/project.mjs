/** What the launchers know of the checkout. They use Node's own modules only: nothing is installed yet. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const inRoot = (...parts) => path.join(root, ...parts);
export const isWindows = process.platform === 'win32';

/** Progress of the launchers goes to stderr: stdout belongs to what they launch. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Parsed JSON, or undefined where the file is missing or broken. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs `node script …` and returns its exit status; its stdout goes to our stderr. */
export function runNode(args, options = {}) {
  const result = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    ...options,
  });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** Stops with one line and the exit code of failed work. */
export function stop(line) {
  say(line);
  process.exit(1);
}
