import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';

import {
  authorsPreprocessing,
  DEFAULT_BACKBONE,
  loadBackbone,
  preprocessPhotograph,
} from '../../src/backbones/index.js';
import { openSafetensors } from '../../src/checkpoints/safetensors.js';
import { readImage } from '../../src/images/read-image.js';
import { featinv } from './in-process.js';

const PHOTOGRAPH = 'photos/cat.jpg';
const folder = mkdtempSync(path.join(os.tmpdir(), 'featinv-preprocessing-'));
const out = path.join(folder, 'map.safetensors');
afterAll(() => rmSync(folder, { recursive: true }));

it('reads maps as the paper’s authors do where asked to', async () => {
  const { code } = await featinv(
    'features',
    PHOTOGRAPH,
    '--preprocessing',
    'featinv',
    '--out',
    out,
  );
  expect(code).toBe(0);

  const backbone = await loadBackbone(DEFAULT_BACKBONE);
  const picture = await readImage(PHOTOGRAPH);
  const session = await backbone.open({});
  const own = await session.run(preprocessPhotograph(picture, backbone.preprocessing));
  const authors = await session.run(
    preprocessPhotograph(picture, authorsPreprocessing(backbone.preprocessing)),
  );
  await session.dispose();

  const written = openSafetensors(out).read('features');
  expect(written).toEqual(authors.map);
  expect(written).not.toEqual(own.map);
});

it('refuses a crop of the classifier’s beside a size that replaces it', async () => {
  const { code, stderr } = await featinv(
    ...['features', PHOTOGRAPH, '--preprocessing', 'featinv', '--size', '64', '--out', out],
  );
  expect(code).toBe(2);
  expect(stderr).toContain('which --size replaces: give one of them');
});
