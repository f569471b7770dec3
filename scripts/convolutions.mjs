import { prepare } from './launcher/prepare.mjs';
import { inRoot, runNode, stop } from './launcher/project.mjs';

prepare();
if (runNode([inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.bench.json']) !== 0) {
  stop('The bench does not compile: see above.');
}
await import('../.cache/bench/bench/convolutions/main.js');
