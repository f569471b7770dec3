import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { FakeHub } from './fake-hub.js';

export const weights = Buffer.from(
  Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) % 251),
);

export const NAME = 'resnet18.a1_in1k';
export const REPOSITORY = `timm/${NAME}`;
export const classifier = {
  licence: 'apache-2.0',
  files: {
    '.gitattributes': Buffer.from('x'),
    'config.json': Buffer.from('{"architecture":"resnet18"}'),
    'model.safetensors': weights,
    'pytorch_model.bin': Buffer.alloc(400_000),
  },
};

/** The servers and the `FEATINV_HOME` of one test. */
export let hub: FakeHub;
export let home: string;

/** New ones for each test of the file that calls it. */
export function freshHub(): void {
  beforeEach(async () => {
    hub = await new FakeHub().start();
    home = mkdtempSync(join(tmpdir(), 'featinv-hub-'));
    vi.stubEnv('FEATINV_HOME', home);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await hub.stop();
    rmSync(home, { recursive: true, force: true });
  });
}

export const read = (...parts: string[]): Buffer => readFileSync(join(home, ...parts));

export const cdnRequests = () => hub.seen.filter(({ server }) => server === 'cdn');
