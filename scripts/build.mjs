import { ensureBuilt } from './launcher/build.mjs';
import { ensureInstalled } from './launcher/install.mjs';

ensureInstalled();
process.exitCode = ensureBuilt({ clean: process.argv.includes('--clean') }) ? 0 : 1;
