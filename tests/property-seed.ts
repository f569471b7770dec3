/** Property tests draw the same cases in every `npm test`, and new ones in every `npm run test:full`. */
import fc from 'fast-check';

if (!process.env['FEATINV_TEST_FULL']) fc.configureGlobal({ seed: 64_2505 });
