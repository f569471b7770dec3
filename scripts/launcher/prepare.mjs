import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { stop } from './project.mjs';

/** Makes the checkout ready to run, or ends the process with one line that says why not. */
export function prepare() {
  ensureInstalled();
  if (!ensureBuilt()) stop('The build failed: see above.');
}
