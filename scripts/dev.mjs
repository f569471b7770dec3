/**
 * The studio while one works on it: the server, started anew when what it imports has changed, and Vite,
 * which brings changes of the page into open tabs. Ctrl-C ends both.
 */
import { spawn } from 'node:child_process';

import { prepare } from './launcher/prepare.mjs';
import { inRoot, root, say } from './launcher/project.mjs';

/** studio/vite.config.ts sends the page's requests there. */
const PORT = '8484';

prepare();

const children = [
  [
    inRoot('node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.build.json',
    '--watch',
    '--preserveWatchOutput',
  ],
  ['--watch', inRoot('dist/cli/main.js'), 'serve', '--port', PORT, ...process.argv.slice(2)],
  [inRoot('node_modules/vite/bin/vite.js'), 'studio'],
].map((args) =>
  spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }),
);

let isEnding = false;
function end() {
  if (isEnding) return;
  isEnding = true;
  for (const child of children) child.kill('SIGINT');
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
for (const child of children) {
  child.on('error', (error) => {
    say(error.message);
    process.exitCode = 1;
    end();
  });
  child.on('exit', (code) => {
    if (!isEnding) process.exitCode = code || 1;
    end();
  });
}
