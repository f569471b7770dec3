/** What goes wrong, and several tabs, in a browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { JobList } from '../../../src/server/api.js';
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
  /** Keeps the worker busy for a minute at least, or until it is let go. */
  async function occupy(seed: number): Promise<() => Promise<void>> {
    const { samples } = await server.client.info();
    const ids: string[] = [];
    for (let job = 0; job < 20; job++) {
      const asked = await server.client.ask({
        ...{ kind: 'look', picture: samples[0]!.id, inverter: 'micro' },
        ...{ seed: seed + job, samples: 8, sampling: { steps: 250 }, every: 0 },
      });
      ids.push(asked.id);
    }
    return async () => {
      for (const id of ids.reverse()) await server.client.delete(`/api/jobs/${id}`);
    };
  }

  it('share the work that both ask for, and wait for each other otherwise', async () => {
    const letGo = await occupy(20_000);
    const known = await lastStates(100);
    const [same, other] = [await tabs.context.newPage(), await tabs.context.newPage()];
    const address = '/look?samples=2&steps=10&seed=3000';
    for (const tab of [page, same, other]) await open(address, tab);
    await draw(page);
    await status(page, /^Waiting for/);
    await other.getByRole('textbox', { name: 'Seed' }).fill('900');
    await draw(other);
    await status(other, /^Waiting for/);
    await draw(same);
    await status(same, /^Waiting for/);
    await letGo();
    for (const tab of [page, same, other]) await isDone(tab);
    const sources = await Promise.all(
      [page, same].map((tab) => tab.getByAltText('Drawn from seed 3000').getAttribute('src')),
    );
    expect(sources[0]).toMatch(/^\/api\/jobs\//);
    expect(sources[1]).toBe(sources[0]);
    expect(await lastStates(100)).toHaveLength(known.length + 2);
    expect(await lastStates(2)).toEqual(['done', 'done']);
  });

  it('may be more than a browser has connections to one server', async () => {
    const letGo = await occupy(30_000);
    const eight = [page];
    while (eight.length < 8) eight.push(await tabs.context.newPage());
    for (const [i, tab] of eight.entries()) {
      await open(`/look?samples=1&steps=10&seed=${5000 + i}`, tab);
    }
    for (const tab of eight) await draw(tab);
    // Seven before it, and what is left of the work that keeps the thread busy.
    await status(eight.at(-1)!, /^Waiting for ([89]|\d\d) jobs\.$/);
    await letGo();
    for (const tab of eight) await isDone(tab);
  });
});
