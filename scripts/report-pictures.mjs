/**
 * The pictures of reports in the README and docs/concepts.md, by the commands that stand there:
 * `node scripts/report-pictures.mjs [demo|mix|paste|steer]…` writes docs/images/*.png. Needs Chromium, as the
 * browser tests, and the photographs of `node scripts/photos.mjs`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import sharp from 'sharp';

import { makeWanted, openBrowser, writePicture } from './launcher/pictures.mjs';
import { inRoot, runNode } from './launcher/project.mjs';

const work = await mkdtemp(path.join(tmpdir(), 'featinv-pictures-'));
const at = (...parts) => path.join(work, ...parts);

function featinv(line, out) {
  const status = runNode([inRoot('dist/cli/main.js'), ...line.split(' '), '--out', at(out)]);
  if (status !== 0) throw new Error(`featinv ${line} ended with ${status}`);
}

const browser = await openBrowser();

/** A page, or one of its parts where a selector is given, down to `most` pixels. */
async function keep(name, file, { width, height, part, most }) {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.goto(`file://${at(file)}`);
  const shot = await (part ? page.locator(part).first() : page).screenshot();
  await page.close();
  const picture = sharp(shot);
  const size = await picture.metadata();
  await write(
    name,
    picture.extract({ left: 0, top: 0, width: size.width, height: most ?? size.height }),
  );
}

const write = (name, picture) =>
  writePicture(`${name}.png`, picture.png({ compressionLevel: 9, palette: true }));

const pictures = {
  async demo() {
    featinv('demo', 'demo');
    await keep('demo', 'demo/index.html', { width: 1000, height: 1440 });
  },
  async mix() {
    featinv('mix photos/kingfisher.jpg photos/macaw.jpg --alpha 0:1:0.2 --samples 2', 'mix');
    const part = 'section[aria-labelledby="film"]';
    await keep('mix', 'mix/mix.html', { width: 1000, height: 900, part });
  },
  async paste() {
    const place = '--op paste --region 0,0,0.5,1 --alpha 0:1:1 --samples 3';
    featinv(`mix photos/capitol.jpg photos/macaw.jpg ${place}`, 'paste');
    await write('paste', sharp(at('paste/strip.png')).resize({ width: 512, kernel: 'nearest' }));
  },
  async steer() {
    const method = '--method kmeans --count 10 --vectors 5000 --seed 1';
    featinv(`concepts fit --images data/photos/train ${method}`, 'kmeans');
    const concept = `--concepts ${at('kmeans')} --concept 7`;
    featinv(`steer photos/kingfisher.jpg ${concept} --scale 0,1,2`, 'steer');
    const part = 'table.matrix';
    await keep('steer', 'steer/steer.html', { width: 720, height: 900, part, most: 620 });
  },
};

try {
  await makeWanted(pictures);
} finally {
  await browser.close();
  await rm(work, { recursive: true, force: true });
}
