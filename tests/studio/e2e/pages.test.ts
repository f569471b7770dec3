/** The main path of each page, in a browser, with models of a few thousand random weights. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../../src/images/png.js';
import { readImage } from '../../../src/images/read-image.js';
import { blobs } from '../../inversion/micro-models.js';
import { folder, freshStudio, open, page, server, tabs } from './fresh-studio.js';
import { faultsOf } from './open-browser.js';
import { isDone, photograph } from './test-page.js';

freshStudio();

beforeAll(() => {
  const report = path.join(folder, 'reports', 'widths');
  mkdirSync(report);
  writeFileSync(
    path.join(report, 'report.html'),
    '<!doctype html><html lang="en"><title>Widths</title><h1>Wider and wider</h1>' +
      '<script>document.title = "run"</script></html>',
  );
});

afterEach(() => expect(tabs.complaints.splice(0)).toEqual([]));

const button = (name: string) => page.getByRole('button', { name, exact: true });
const sourceOf = (alt: string): Promise<string | null> =>
  page.getByAltText(alt).getAttribute('src');

/** Bytes of a picture as the browser shows it. */
async function bytesOf(source: string): Promise<Buffer> {
  return (await page.request.get(new URL(source, server.studio.url).href)).body();
}

/** Follows a link that saves a file. */
async function save(link: string): Promise<{ readonly name: string; readonly file: string }> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: link, exact: true }).click();
  const download = await downloading;
  return { name: download.suggestedFilename(), file: await download.path() };
}

/** The result as a link, as numbers, and as a page of its own with all its pictures. */
async function canBeTakenAway(kind: string, pictures: number): Promise<void> {
  await button('Copy link').click();
  await page.waitForFunction(
    `navigator.clipboard.readText().then((link) => link === location.href)`,
  );
  const numbers = await save('Save numbers');
  expect(numbers.name).toMatch(new RegExp(`^featinv-${kind}-\\d+-\\w{8}\\.json$`));
  expect(JSON.parse(await readFile(numbers.file, 'utf8'))).toMatchObject({ request: { kind } });
  const report = await save('Save report');
  expect(report.name).toMatch(new RegExp(`^featinv-${kind}-\\d+-\\w{8}\\.html$`));
  const other = await tabs.context.newPage();
  await other.setContent(await readFile(report.file, 'utf8'));
  const widths = await other.evaluate<number[]>('[...document.images].map((i) => i.naturalWidth)');
  expect(widths).toHaveLength(pictures);
  expect(widths.every((width) => width > 0)).toBe(true);
  expect(await faultsOf(other)).toEqual([]);
  await other.close();
}

describe('Look', () => {
  it('draws a sample at the first visit with one click, and the page does not jump meanwhile', async () => {
    await open('/');
    const classes = page.getByRole('heading', { name: 'Classes of the photograph' });
    const before = await classes.boundingBox();
    await button('Draw what it sees').click();
    await isDone(page);
    expect(await page.getByAltText(/^Drawn from seed/).count()).toBe(3);
    expect(await classes.boundingBox()).toEqual(before);
    const bars = page.getByRole('listitem').filter({ hasText: '%' });
    expect(await bars.count()).toBe(10);
    await page.getByLabel('Show where they agree').check();
    expect(await page.getByRole('img', { name: /^Cosine of the maps/ }).count()).toBe(3);
    await page.getByRole('button', { name: 'Drawn from seed 101' }).click();
    await page.getByRole('heading', { name: 'Classes of seed 101' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await photograph(page, 'look');
  });

  it('shows the pictures on their way', async () => {
    await open('/look?samples=8&steps=250');
    await button('Draw what it sees').click();
    const drawn = page.getByAltText('Drawn from seed 107');
    await drawn.and(page.locator('[src^="data:image/png"]')).waitFor();
    const early = (await drawn.getAttribute('src'))!;
    await drawn.and(page.locator(`:not([src="${early}"])`)).waitFor();
    await button('Cancel').click();
    await page.getByText('Cancelled.').waitFor();
  });

  it('draws an own picture, and its link gives the same again elsewhere', async () => {
    await open('/');
    const own = {
      name: 'own.png',
      mimeType: 'image/png',
      buffer: Buffer.from(await encodePng(blobs(7, 90, 70))),
    };
    await page.getByLabel('Photograph: picture file').setInputFiles(own);
    await page.getByAltText('The chosen picture').waitFor();
    await page.getByRole('textbox', { name: 'Seed' }).fill('7');
    await button('Draw what it sees').click();
    await isDone(page);
    await button('Copy link').click();
    await button('Copied').waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    const drawn = await bytesOf((await sourceOf('Drawn from seed 7'))!);
    const other = await tabs.context.newPage();
    await other.goto(link);
    await isDone(other);
    const again = await other.getByAltText('Drawn from seed 7').getAttribute('src');
    expect(await bytesOf(again!)).toEqual(drawn);
    const saved = await save('Save seed 7');
    expect(saved.name).toBe('reconstruction-7.png');
    expect(await readFile(saved.file)).toEqual(drawn);
    expect(await readImage(saved.file)).toMatchObject({ width: 64, height: 64 });
    await canBeTakenAway('look', 4);
  });

  it('takes a picture that is pasted or dropped', async () => {
    await open('/');
    const base64 = Buffer.from(await encodePng(blobs(8, 70, 70))).toString('base64');
    const transfer = `(() => {
      const bytes = Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'own.png', { type: 'image/png' }));
      return data;
    })()`;
    const picker = page.getByRole('group', { name: 'Photograph' });
    const chosen = picker.getByAltText('The chosen picture');
    await picker.dispatchEvent('drop', { dataTransfer: await page.evaluateHandle(transfer) });
    await chosen.waitFor();
    await picker.getByRole('button', { name: 'cat' }).click();
    await chosen.waitFor({ state: 'detached' });
    const paste = `new ClipboardEvent('paste', { bubbles: true, clipboardData: ${transfer} })`;
    await page.evaluate(`void document.body.dispatchEvent(${paste})`);
    await chosen.waitFor();
  });

  it('is worked with keys alone, and goes back to an earlier result', async () => {
    await open('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe(
      'Skip to the page',
    );
    await page.getByRole('radio', { name: /micro|layer Conv2d/ }).focus();
    await page.keyboard.press('ArrowDown');
    expect(page.url()).not.toContain('inverter=micro');
    await page.keyboard.press('ArrowUp');
    await page.getByRole('slider', { name: 'Pictures' }).focus();
    await page.keyboard.press('ArrowLeft');
    await button('Draw what it sees').focus();
    await page.keyboard.press('Enter');
    await isDone(page);
    expect(await page.getByAltText(/^Drawn from seed/).count()).toBe(2);
    await page.waitForURL(/run=1/);
    const address = page.url();
    await page.getByRole('textbox', { name: 'Seed' }).fill('500');
    await page.getByText('Settings have changed since.').waitFor();
    await page.goBack();
    await page.getByText('Settings have changed since.').waitFor({ state: 'hidden' });
    expect(page.url()).toBe(address);
  });
});

describe('Steer', () => {
  it('finds concepts, paints a place, and draws before and after', async () => {
    await open('/steer');
    await page.getByText('First, find concepts').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('slider', { name: 'Concepts' }).fill('3');
    await button('Find concepts').click();
    const cards = page.getByRole('radiogroup', { name: 'Concept' }).getByRole('radio');
    await cards.first().waitFor({ state: 'attached', timeout: 40_000 });
    expect(await cards.count()).toBe(3);
    await page.getByRole('radiogroup', { name: 'Concept' }).locator('label').nth(1).click();

    const canvas = page.getByRole('application', { name: 'Where to steer' });
    await canvas.scrollIntoViewIfNeeded();
    const { x, y, width } = (await canvas.boundingBox())!;
    await page.mouse.move(x + 0.3 * width, y + 0.3 * width);
    await page.mouse.down();
    await page.mouse.move(x + 0.7 * width, y + 0.7 * width, { steps: 4 });
    await page.mouse.up();
    await page.getByText('Only the marked places change.').waitFor();
    await canvas.focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'Space']) await page.keyboard.press(key);
    expect(await canvas.getByText('Row 2, column 2: marked').count()).toBe(1);

    await page.getByRole('slider', { name: 'Scale' }).fill('5');
    await button('Draw before and after').click();
    await isDone(page);
    expect(await page.getByAltText(/^(Before|After), seed/).count()).toBe(4);
    await page
      .getByAltText('After minus before, mean over seeds: grey where nothing changes')
      .waitFor();
    await page.getByRole('columnheader', { name: 'Foretold by the map' }).waitFor();
    expect(page.url()).toMatch(/concept=\d&scale=5&region=[0-9a-f]{49}&/);
    expect(await faultsOf(page)).toEqual([]);
    await canBeTakenAway('steer', 6);
    await photograph(page, 'steer');
  });

  it('steers everywhere only where the map is pooled', async () => {
    await open('/steer?inverter=lite0-7x7-pooled');
    await page.getByText('it can only steer everywhere').waitFor();
    expect(await page.getByRole('application').count()).toBe(0);
  });

  it('proposes the concepts of a link from another studio', async () => {
    await open('/steer?concepts=efficientnet_lite0-blocks.10-semi-nmf-7&concept=2');
    await page.getByText('-semi-nmf-7” for').waitFor();
    expect(await page.getByLabel('Method').inputValue()).toBe('semi-nmf');
    expect(await page.getByRole('slider', { name: 'Concepts' }).inputValue()).toBe('7');
  });
});

describe('Mix', () => {
  it('blends two pictures', async () => {
    await open('/mix');
    await page.getByRole('slider', { name: 'Alpha' }).fill('0.25');
    await button('Mix them').click();
    await isDone(page);
    expect(await page.getByAltText(/^Mixed, seed/).count()).toBe(2);
    await page.getByText(/The map of seed 100 agrees/).waitFor();
    expect(page.url()).toContain('alpha=0.25');
  });

  it('pastes a place that is dragged, with the mouse or with keys', async () => {
    await open('/mix');
    await page.getByLabel('How').selectOption('paste a part of B');
    const canvas = page.getByRole('application', { name: 'Where B is pasted into A' });
    await canvas.scrollIntoViewIfNeeded();
    const { x, y, width } = (await canvas.boundingBox())!;
    await page.mouse.move(x + 0.05 * width, y + 0.05 * width);
    await page.mouse.down();
    await page.mouse.move(x + 0.2 * width, y + 0.6 * width, { steps: 4 });
    await page.mouse.up();
    await canvas.getByText(/^From 5 % and 5 %, 15 % wide, 55 % high$/).waitFor();
    await canvas.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await canvas.getByText(/^From 7 % and 5 %, 15 % wide, 57 % high$/).waitFor();
    await button('Mix them').click();
    await isDone(page);
    expect(await faultsOf(page)).toEqual([]);
    await canBeTakenAway('mix', 4);
    await photograph(page, 'mix');
  });
});

describe('Measure', () => {
  it('shows reports in a frame that runs nothing', async () => {
    await open('/measure');
    await page.getByRole('link', { name: /^Widths/ }).click();
    const frame = page.frameLocator('iframe[title="Widths"]');
    await frame.getByRole('heading', { name: 'Wider and wider' }).waitFor();
    expect(await frame.locator('title').textContent()).toBe('Widths');
    expect(await faultsOf(page)).toEqual([]);
    await button('Copy link').click();
    await page.waitForFunction(
      `navigator.clipboard.readText().then((link) => link === location.href)`,
    );
    expect((await save('Save report')).name).toBe('widths.html');
    await photograph(page, 'measure');
    // The browser tells that it has stopped the report's script: by its policy, by the frame, or both.
    expect(tabs.complaints.splice(0).every((line) => /script/i.test(line))).toBe(true);
    await open('/measure?report=nothing');
    await page.getByText('There is no report “nothing” here.').waitFor();
  });
});

describe('every page', () => {
  it('is readable in the dark, names itself, and takes the focus when it comes', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await open('/');
    const last = {
      ...{ Steer: 'Where', Mix: 'Mix them', Measure: 'Widths', Models: 'Diffusion models' },
      Look: 'Draw what it sees',
    };
    for (const [name, text] of Object.entries(last)) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.waitForFunction(`document.title.startsWith('${name}')`);
      await page.getByText(text).first().waitFor();
      await page.waitForFunction(`document.activeElement.id === 'main'`);
      expect(await faultsOf(page), name).toEqual([]);
    }
    // A phone's width is enough: nothing has to be scrolled sideways.
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= 320')).toBe(true);
    // The report that the page Measure shows has a script, and axe writes to its frame in vain.
    expect(tabs.complaints.splice(0).filter((line) => !/sandboxed|postMessage/.test(line))).toEqual(
      [],
    );
  });
});
