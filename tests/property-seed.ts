/** Property tests draw the same cases in every run, and new ones with FEATINV_TEST_RANDOM=1. */
import fc from 'fast-check';

if (!process.env['FEATINV_TEST_RANDOM']) fc.configureGlobal({ seed: 64_2505 });
