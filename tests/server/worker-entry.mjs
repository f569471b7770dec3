/** The studio's worker thread from sources. */
import { register } from 'node:module';

register(new URL('../support/typescript-loader.mjs', import.meta.url));
await import('../../src/server/worker/worker-main.ts');
