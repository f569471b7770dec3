import { beforeAll, describe, expect, it } from 'vitest';

import { buildCli, runFeatinv } from './run-featinv.js';

beforeAll(buildCli);

/** As on a machine without a GPU, whatever this one has. */
const env = { ...process.env, VK_ICD_FILENAMES: '/none/driver.json' };

describe('a device that is not there', () => {
  it.each([
    [
      'webgpu',
      /^featinv: there is no GPU for --device webgpu: .* use --device cpu \(docs\/gpu\.md\)\n$/,
    ],
    [
      'cuda',
      /^featinv: the libraries for --device cuda are not installed .*ONNXRUNTIME_NODE_INSTALL=cuda12 .*\n$/,
    ],
  ])('ends the work on %s with one sentence', async (device, sentence) => {
    const args = ['classify', 'photos/cat.jpg', '--device', device];
    const { code, stdout, stderr } = await runFeatinv(args, { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(sentence);
  });
});
