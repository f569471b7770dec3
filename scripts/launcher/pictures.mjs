/** What the scripts that make the pictures of the documentation share. */
import path from 'node:path';
import process from 'node:process';

import { chromium } from 'playwright-core';

import { inRoot, root, say } from './project.mjs';

/** The Chromium of the browser tests. */
export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });

/** Makes those that the command line names, or all, one after another; `keep` takes each once it is made. */
export async function makeWanted(pictures, keep = async () => undefined) {
  const wanted = process.argv.slice(2);
  for (const [name, make] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    await make();
    await keep(name);
  }
}

/** Writes a picture of sharp's to docs/images. */
export async function writePicture(name, picture) {
  const file = inRoot('docs/images', name);
  const { size } = await picture.toFile(file);
  say(`${path.relative(root, file)}: ${Math.round(size / 1000)} KB`);
}
