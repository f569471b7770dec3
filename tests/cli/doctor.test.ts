import os from 'node:os';

import { beforeAll, describe, expect, it } from 'vitest';

import { buildCli, runFeatinv } from './run-featinv.js';

beforeAll(buildCli);

describe('featinv doctor', () => {
  it('reports versions, threads and devices as one JSON document', async () => {
    const { code, stdout, stderr } = await runFeatinv(['doctor', '--json', '--threads', '1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      featinv: '0.1.0',
      node: process.versions.node,
      onnxruntime: expect.stringMatching(/^1\.\d+\.\d+$/) as string,
      sharp: expect.stringMatching(/^0\.\d+\.\d+$/) as string,
      cpu: { cores: os.availableParallelism() },
      threads: 1,
      devices: [{ device: 'cpu', available: true }, { device: 'webgpu' }, { device: 'cuda' }],
    });
  });

  it('gives each device that does not work a reason', async () => {
    const { stdout } = await runFeatinv(['doctor', '--json']);
    const { devices } = JSON.parse(stdout) as {
      devices: { available: boolean; reason?: string }[];
    };
    for (const { available, reason } of devices) {
      expect(available || (reason ?? '').length > 10).toBe(true);
    }
  });

  it('prints a readable table without --json', async () => {
    const { code, stdout } = await runFeatinv(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^featinv {2,}0\.1\.0\nNode\.js {2,}20|2\d/);
    expect(stdout).toMatch(/--device cpu +works/);
  });
});
