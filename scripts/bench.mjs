import { pathToFileURL } from 'node:url';

import { ensureBuilt } from './launcher/build.mjs';
import { ensureInstalled } from './launcher/install.mjs';
import { inRoot, runNode, stop } from './launcher/project.mjs';

ensureInstalled();
const compiled =
  ensureBuilt() &&
  runNode([inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.bench.json']) === 0;
if (!compiled) stop('The build failed: see above.');

await import(pathToFileURL(inRoot('.cache', 'bench', 'bench', 'main.js')).href);
