import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { hasRedis } from './tests/queue/redis-server.js';
import { webgpuEnvironment } from './tests/support/webgpu.js';
import { hasChromium } from './tests/studio/e2e/find-chromium.js';

// What takes minutes or gigabytes has a run of its own: `npm run test:full`.
const isFull = Boolean(process.env['FEATINV_TEST_FULL']);
const others = isFull ? [] : ['tests/full/**'];
// Where there is no browser, `npm test` says that these were not run.
const inBrowser = hasChromium(process.env['CHROMIUM']) ? [] : ['tests/studio/e2e/**'];
// So are those of the queue where there is no Redis.
const withRedis = hasRedis() ? [] : ['tests/queue/live/**'];
// And those of WebGPU where there is no driver for it.
const withWebgpu = webgpuEnvironment() ? [] : ['tests/webgpu/**'];

const packageFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  test: {
    include: isFull ? ['tests/{full,webgpu}/*.test.ts'] : ['tests/**/*.test.ts'],
    exclude: [...others, ...inBrowser, ...withRedis, ...withWebgpu],
    // Compiled graphs are kept there, as in users' home.
    env: { FEATINV_HOME: packageFile('.cache/test-home') },
    setupFiles: ['tests/property-seed.ts'],
    // Processes, not threads: onnxruntime-node is a native module with its own thread pool.
    pool: 'forks',
    // Two of the long ones at once would need more memory than either may.
    maxWorkers: isFull ? 1 : 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
