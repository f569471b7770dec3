/** What goes wrong, and several tabs, in a browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { JobList, StudioInfo } from '../../../src/server/api.js';
import { freshStudio, open, page, restart, server, tabs } from './fresh-studio.js';
import { isDone } from './test-page.js';

freshStudio();

/** Seconds of work, also where nothing else is done; what another seed gives is not known yet. */
const long = (seed: number, steps: number): string => `/look?samples=8&steps=${steps}&seed=${seed}`;

const draw = (on: Page): Promise<void> =>
  on.getByRole('button', { name: 'Draw what it sees' }).click();
const status = (on: Page, text: string | RegExp): Promise<void> =>
  on.getByRole('status').filter({ hasText: text }).waitFor();

/** States of the newest jobs. */
async function lastStates(count: number): Promise<string[]> {
  const { jobs } = await server.client.get<JobList>(`/api/jobs?limit=${count}`);
  return jobs.map(({ state }) => state);
}

describe('a wrong file', () => {
  it('is refused in a sentence, and the picture that was chosen stays', async () => {
    const limits = { uploadBytes: 2 ** 20 };
    await page.route('**/api/studio', async (route) => {
      const response = await route.fetch();
      const info = (await response.json()) as StudioInfo;
      await route.fulfill({ response, json: { ...info, limits: { ...info.limits, ...limits } } });
    });
    await open('/');
    const input = page.getByLabel('Photograph: picture file');
    const text = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') };
    await input.setInputFiles(text);
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: /^notes\.png: .+\.$/ }).waitFor();
    const large = { ...text, name: 'large.png', buffer: Buffer.alloc(2 ** 20 + 1) };
    await input.setInputFiles(large);
    await alert.filter({ hasText: 'large.png has 2 MB. Give a file of at most 1 MB.' }).waitFor();
    await page.getByRole('group', { name: 'Photograph' }).getByAltText('cat').click();
    await alert.waitFor({ state: 'hidden' });
    await draw(page);
    await isDone(page);
  });

  it('that was dropped is named, too', async () => {
    await open('/');
    const dropped = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'song.mp3', { type: 'audio/mpeg' }));
      return data;
    })()`);
    await page
      .getByRole('group', { name: 'Photograph' })
      .dispatchEvent('drop', { dataTransfer: dropped });
    await page
      .getByRole('alert')
      .filter({ hasText: /^song\.mp3: / })
      .waitFor();
  });
});

describe('an address', () => {
  it('with values that cannot be used says so and shows the usual', async () => {
    await open('/look?seed=-1&inverter=huge');
    await page.getByText('The address says inverter = “huge”').waitFor();
    await page.getByText('The address says seed = “-1”').waitFor();
    expect(await page.getByRole('textbox', { name: 'Seed' }).inputValue()).toBe('100');
    await open('/look?picture=' + 'f'.repeat(64));
    await page.getByRole('alert').filter({ hasText: 'does not have the picture' }).waitFor();
    await draw(page);
    await page
      .getByRole('alert')
      .filter({ hasText: /There is no picture/ })
      .waitFor();
    await open('/nowhere');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});

describe('work that takes long', () => {
  it('is cancelled, does not begin again by itself, and can be asked for anew', async () => {
    await open(long(1000, 250));
    await draw(page);
    await page.getByRole('progressbar').and(page.locator('[value]')).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await status(page, 'Cancelled.');
    await page.waitForURL((url) => !url.searchParams.has('run'));
    await page.reload();
    await page.getByRole('button', { name: 'Draw what it sees' }).waitFor();
    expect(await lastStates(1)).toEqual(['cancelled']);
    await draw(page);
    await status(page, 'Drawing …');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await status(page, 'Cancelled.');
  });

  it('goes on after the server was restarted in the middle', async () => {
    await open(long(2000, 150));
    await draw(page);
    await page.getByRole('progressbar').and(page.locator('[value]')).waitFor();
    await restart(() => status(page, 'The studio does not answer'));
    await isDone(page);
    expect(await page.getByAltText(/^Drawn from seed/).count()).toBe(8);
  });
});

describe('several tabs', () => {
  it('share the work that both ask for, and wait for each other otherwise', async () => {
    const known = await lastStates(100);
    const [same, other] = [await tabs.context.newPage(), await tabs.context.newPage()];
    const address = new URL(long(3000, 150), server.studio.url).href;
    for (const tab of [page, same, other]) await tab.goto(address);
    await draw(page);
    await status(page, 'Drawing …');
    await other.getByRole('textbox', { name: 'Seed' }).fill('900');
    await draw(other);
    await status(other, 'Waiting for one job.');
    await draw(same);
    await status(same, /Drawing|Done/);
    for (const tab of [page, same, other]) await isDone(tab);
    const sources = await Promise.all(
      [page, same].map((tab) => tab.getByAltText('Drawn from seed 3000').getAttribute('src')),
    );
    expect(sources[0]).toMatch(/^\/api\/jobs\//);
    expect(sources[1]).toBe(sources[0]);
    expect((await lastStates(100)).slice(0, -known.length || undefined)).toEqual(['done', 'done']);
  });

  it('may be more than a browser has connections to one server', async () => {
    const eight = [page];
    while (eight.length < 8) eight.push(await tabs.context.newPage());
    for (const [i, tab] of eight.entries()) {
      const address = i === 0 ? long(4000, 250) : `/look?samples=1&steps=10&seed=${5000 + i}`;
      await tab.goto(new URL(address, server.studio.url).href);
    }
    for (const tab of eight) await draw(tab);
    await status(eight.at(-1)!, 'Waiting for 7 jobs.');
    for (const tab of eight) await isDone(tab);
  });
});
