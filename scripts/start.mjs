import { pathToFileURL } from 'node:url';

import { ensureBuilt } from './launcher/build.mjs';
import { ensureInstalled } from './launcher/install.mjs';
import { inRoot, stop } from './launcher/project.mjs';

ensureInstalled();
if (!ensureBuilt()) stop('The build failed: see above.');

const main = inRoot('dist', 'cli', 'main.js');
process.argv = [process.execPath, main, 'demo', ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
