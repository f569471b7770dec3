import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Long trainings and the packed package: `npm run test:full`.
    exclude: process.env['FEATINV_TEST_FULL'] ? [] : ['tests/full/**'],
    setupFiles: ['tests/property-seed.ts'],
    // Processes, not threads: onnxruntime-node is a native module with its own thread pool.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
