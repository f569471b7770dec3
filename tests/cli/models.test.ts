import { describe, expect, it } from 'vitest';

import { listInverters } from '../../src/inversion/inverter-catalogue.js';
import type { ModelList } from '../../src/inversion/list-models.js';
import { featinv } from './in-process.js';

describe('featinv models', () => {
  it('lists backbones, bases and inverters with sizes and licences', async () => {
    const { code, stdout, stderr } = await featinv('models', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const models = JSON.parse(stdout) as ModelList;
    expect(models).toMatchObject({ default: { backbone: 'efficientnet_lite0' } });
    expect(models.backbones.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['efficientnet_lite0', 'mobilenet_v1_025']),
    );
    expect(models.inverters.map(({ id }) => id)).toEqual(await listInverters());
    for (const entry of [...models.backbones, ...models.bases, ...models.inverters]) {
      expect(entry).toMatchObject({ licence: expect.stringMatching(/\w/) as string });
      expect(entry.megabytes).toBeGreaterThan(0);
    }
    const shipped = models.backbones.filter(({ source }) => source === 'shipped');
    for (const entry of [...shipped, ...models.bases, ...models.inverters]) {
      expect(entry.here, entry.id).toBe(true);
    }
    expect(models.backbones[0]!.layers.at(-1)!.shape).toHaveLength(3);
  });

  it('marks the default in the tables', async () => {
    const { stdout } = await featinv('models');
    expect(stdout).toMatch(/^Backbones +size +licence +where +what\n/);
    expect(stdout).toMatch(/\n\* efficientnet_lite0 +\d+\.\d MB {2}Apache-2\.0 /);
    expect(stdout).toMatch(/\n {2}mobilenet_v1_025 /);
  });
});
