/**
 * The README's pictures of the studio, from a studio with the shipped models and photographs:
 * `node scripts/studio-pictures.mjs [look|steer|mix|train|models]…` writes docs/images/studio-*.webp; the
 * one of Train takes minutes of real training. Needs Chromium, as the browser tests.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

import sharp from 'sharp';

import { makeWanted, openBrowser, writePicture } from './launcher/pictures.mjs';
import { inRoot, root } from './launcher/project.mjs';

const SIZE = { width: 1280, height: 860 };

const data = await mkdtemp(path.join(tmpdir(), 'featinv-pictures-'));
const server = spawn(
  process.execPath,
  [
    ...[inRoot('dist/cli/main.js'), 'serve', '--port', '0'],
    ...['--data', data, '--runs', path.join(data, 'runs')],
  ],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
const [address] = await once(server.stdout, 'data');
const browser = await openBrowser();
const page = await browser.newPage({ viewport: SIZE });
page.setDefaultTimeout(180_000);

const open = (at) => page.goto(new URL(at, String(address).trim()).href);
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const done = () => page.getByRole('status').filter({ hasText: 'Done in' }).waitFor();
const sample = (picker, name) =>
  page.getByRole('group', { name: picker }).getByRole('button', { name, exact: true }).click();

async function keep(name) {
  await page.evaluate('scrollTo(0, 0)');
  const shot = await page.screenshot();
  await writePicture(`studio-${name}.webp`, sharp(shot).webp({ quality: 82 }));
}

const pictures = {
  async look() {
    await open('/look');
    await sample('Photograph', 'kingfisher');
    await press('Draw what it sees');
    await done();
  },
  async steer() {
    await open('/steer');
    await sample('Photograph', 'red panda');
    await press('Find concepts');
    await page.getByRole('radiogroup', { name: 'Concept' }).waitFor();
    await press('Draw before and after');
    await done();
  },
  async mix() {
    await open('/mix');
    await sample('Picture A', 'kingfisher');
    await sample('Picture B', 'macaw');
    await press('Mix them');
    await done();
  },
  async train() {
    await open('/train');
    await page.getByLabel('What it learns to read').selectOption('lite0-14x14');
    await page.getByLabel('Steps').fill('120');
    await page.getByLabel('Name').fill('Finer maps');
    await press('Start training');
    await page
      .getByRole('status')
      .filter({ hasText: /^Finished/ })
      .waitFor({ timeout: 900_000 });
  },
  async models() {
    await open('/models');
    await page.getByRole('heading', { name: 'Bases' }).waitFor();
  },
};

try {
  await makeWanted(pictures, keep);
} finally {
  await browser.close();
  server.kill('SIGINT');
  await once(server, 'exit');
  await rm(data, { recursive: true, force: true });
}
