/**
 * Everything a change must pass: types, lint, format, then the tests; `--full` runs the long
 * ones instead of the others. Other arguments go to vitest. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { ensureBuilt } from './launcher/build.mjs';
import { ensureInstalled } from './launcher/install.mjs';
import { inRoot, readJson, root, say } from './launcher/project.mjs';

const CHECKS = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ['types of the studio', ['node_modules/typescript/bin/tsc', '-p', 'studio/tsconfig.json']],
  ['lint', ['node_modules/eslint/bin/eslint.js', '.']],
  ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '.']],
];

const NO_BROWSER =
  'The studio’s browser tests were not run: there is no Chromium. Install one (Debian: apt-get install ' +
  'chromium) or name one in the environment variable CHROMIUM.';
const NO_WEBGPU =
  'The tests of --device webgpu were not run: Chromium’s software driver for Vulkan is not there. Install ' +
  'Chromium (Debian: apt-get install chromium), or test this machine’s GPU with FEATINV_TEST_GPU=1.';
const NO_REDIS =
  'The tests of the queue were not run: there is no redis-server. Install one (Debian: apt-get install redis-server).';

const full = process.argv.includes('--full');
const vitestArguments = process.argv.slice(2).filter((argument) => argument !== '--full');

ensureInstalled();
let failed = ensureBuilt() ? 0 : 1;

for (const { name, status, output } of await Promise.all(CHECKS.map(runCheck))) {
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  if (status !== 0) {
    console.log(output);
    failed += 1;
  }
}

const tests = await runTests();
failed += tests.failed;
console.log(`${tests.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runCheck([name, args]) {
  let output = '';
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return { name, status: await statusOf(child), output: output.trimEnd() };
}

async function runTests() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'featinv-test-'));
  const report = path.join(directory, 'report.json');
  const child = spawn(
    process.execPath,
    [
      inRoot('node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...vitestArguments,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...(full ? { FEATINV_TEST_FULL: '1' } : {}) },
    },
  );
  const status = await statusOf(child);
  const results = readJson(report);
  const counts = readCounts(results);
  const ranAll = vitestArguments.length === 0 && !full;
  const ran = (folder) =>
    results?.testResults.some(({ name }) => name.split(/[\\/]/).includes(folder));
  if (ranAll && results && !ran('e2e')) say(NO_BROWSER);
  if (ranAll && results && !ran('live')) say(NO_REDIS);
  if (ranAll && results && !ran('webgpu')) say(NO_WEBGPU);
  rmSync(directory, { recursive: true, force: true });
  if (status !== 0 && counts.failed === 0) {
    say('vitest failed outside of any test: see above.');
    counts.failed = 1;
  }
  return counts;
}

function readCounts(report) {
  if (report === undefined) return { passed: 0, failed: 1 };
  // A file that cannot even be loaded has no failed tests of its own, but it has failed.
  const brokenFiles = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return { passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles };
}

function statusOf(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
