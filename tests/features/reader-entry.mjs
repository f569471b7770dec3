/** The thread that decodes, from sources. */
import { register } from 'node:module';

register(new URL('../support/typescript-loader.mjs', import.meta.url));
await import('../../src/features/reader-thread.ts');
