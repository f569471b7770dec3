/** The studio's process that trains, from sources. */
import { register } from 'node:module';

register(new URL('../support/typescript-loader.mjs', import.meta.url));
await import('../../src/server/training/training-process.ts');
