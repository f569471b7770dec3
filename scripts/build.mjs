import { ensureBuilt } from './launcher/build.mjs';
import { ensureInstalled } from './launcher/install.mjs';

ensureInstalled();
process.exitCode = ensureBuilt() ? 0 : 1;
