/** Every limit of the studio, as the page tells of it. */
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../../src/images/png.js';
import { LIMITS } from '../../../src/server/limits.js';
import { blobs } from '../../inversion/micro-models.js';
import { folder, freshStudio, open, page, restart, server, tabs } from './fresh-studio.js';
import { startOuterPage } from './test-page.js';

freshStudio();

const alert = (text: string | RegExp, on = page): Promise<void> =>
  on.getByRole('alert').filter({ hasText: text }).waitFor();
const draw = (on: Page): Promise<void> =>
  on.getByRole('button', { name: 'Draw what it sees' }).click();

/** A small picture whose header says that it is `side` × `side` pixels. */
async function pngWithSize(side: number): Promise<Uint8Array> {
  const png = Buffer.from(await encodePng(blobs(1, 20, 20)));
  // Behind the signature: length and name of the header, then width, height, five bytes, and a checksum.
  png.writeUInt32BE(side, 16);
  png.writeUInt32BE(side, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('a picture', () => {
  const choose = (name: string, mimeType: string, buffer: Uint8Array): Promise<void> =>
    page
      .getByLabel('Photograph: picture file')
      .setInputFiles({ name, mimeType, buffer: Buffer.from(buffer) });

  it('that is none, too large or too small is refused in a sentence, and the chosen one stays', async () => {
    await open('/');
    await choose('notes.png', 'image/png', Buffer.from('not a picture'));
    await alert('notes.png: This file is no picture that can be read');
    const large = path.join(folder, 'large.png');
    writeFileSync(large, '');
    truncateSync(large, LIMITS.uploadBytes + 1);
    await page.getByLabel('Photograph: picture file').setInputFiles(large);
    await alert('large.png has 21 MB. Give a file of at most 20 MB.');
    const side = Math.ceil(Math.sqrt(LIMITS.uploadPixels)) + 1;
    await choose('wide.png', 'image/png', await pngWithSize(side));
    await alert(
      `wide.png: This picture has ${side} × ${side} pixels: give one of at most 40 megapixels.`,
    );
    await choose('dot.png', 'image/png', await encodePng(blobs(1, 8, 8)));
    await alert('dot.png: This picture has 8 × 8 pixels: at least');
    await choose('song.mp3', 'audio/mpeg', Buffer.from('x'));
    await alert('song.mp3 is no picture: give one as JPEG, PNG, WebP, GIF, TIFF or AVIF.');
    const picker = page.getByRole('group', { name: 'Photograph' });
    await picker.getByRole('button', { name: 'cat' }).click();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });

  it('that was dropped and is none is named, too', async () => {
    await open('/');
    const picker = page.getByRole('group', { name: 'Photograph' });
    const drop = async (items: string): Promise<void> =>
      picker.dispatchEvent('drop', {
        dataTransfer: await page.evaluateHandle(
          `(() => { const data = new DataTransfer(); ${items}; return data; })()`,
        ),
      });
    await drop(`data.items.add(new File(['x'], 'song.mp3', { type: 'audio/mpeg' }))`);
    await alert('song.mp3 is no picture');
    await drop(`data.setData('text/plain', 'x')`);
    await alert('There was no file in what you dropped.');
  });
});

describe('the queue', () => {
  it('that is full says so, and takes the job when there is room again', async () => {
    await open('/look?samples=1&steps=1&seed=7000');
    const { samples } = await server.client.info();
    const ask = (seed: number) => {
      const request = { kind: 'look', picture: samples[0]!.id, inverter: 'micro', seed } as const;
      return server.client.ask({ ...request, samples: 8, sampling: { steps: 250 } });
    };
    const ids: string[] = [];
    while (ids.length < LIMITS.queue + 1) ids.push((await ask(8000 + ids.length)).id);
    await draw(page);
    await alert('32 jobs are waiting already: ask again when some are done.');
    for (const id of ids.reverse()) await server.client.delete(`/api/jobs/${id}`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('status').filter({ hasText: 'Done in' }).waitFor();
  });
});

describe('a studio that is away', () => {
  it('is said to be, at the first request and at a reload, and answers again afterwards', async () => {
    await open('/look?samples=1&steps=2&seed=9000');
    await restart(async () => {
      await draw(page);
      await alert('The studio does not answer. Is featinv serve still running?');
    });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('status').filter({ hasText: 'Done in' }).waitFor();
  });
});

describe('a studio for others', () => {
  it('asks for its token in words, takes it once, and says when it is gone', async () => {
    const outer = await startOuterPage();
    const { origin } = new URL(outer.url);
    const answer = await page.goto(`${origin}/steer`);
    expect(answer!.status()).toBe(401);
    await page
      .getByText(
        'This studio needs its token: open the whole address that it printed, with ?token=.',
      )
      .waitFor();
    await page.goto(outer.url);
    await page.getByRole('heading', { name: 'What does the network see?' }).waitFor();
    expect(page.url()).toBe(`${origin}/`);
    await tabs.context.clearCookies();
    await draw(page);
    await alert('This studio needs its token: open the whole address that it printed');
    await outer.close();
  });

  it('does not answer under a name that is not its own', async () => {
    const { port } = new URL(server.studio.url);
    await page.goto(`http://featinv.localhost:${port}/`);
    await page.getByText('This studio does not answer as "featinv.localhost').waitFor();
  });
});
