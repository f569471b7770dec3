import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { StudioOptions } from '../../../src/server/start-studio.js';
import { makeMicroModels, type MicroModels } from '../../inversion/micro-models.js';
import { makeStudioFolder, removeFolder, type TestStudio } from '../../server/test-studio.js';
import { openBrowser, openTabs, type Tabs } from './open-browser.js';
import { startPage } from './test-page.js';

/** The folder, the browser and the server of one test file, and the first tab of each test. */
export let folder: string;
export let server: TestStudio;
export let tabs: Tabs;
export let page: Page;

let micro: MicroModels;

/** A studio with models of a few thousand random weights, for all tests of the file that calls it. */
export function freshStudio(
  options: (micro: MicroModels) => Partial<StudioOptions> = () => ({}),
): void {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
    micro = await makeMicroModels();
    folder = await makeStudioFolder();
    server = await startPage(folder, micro, options(micro));
    tabs = await openTabs(browser);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.studio.close();
    await micro?.remove();
    if (folder !== undefined) await removeFolder(folder);
  });

  beforeEach(async () => {
    page = await tabs.context.newPage();
  });

  afterEach(async () => {
    for (const tab of tabs.context.pages()) await tab.close();
    expect(server.defects).toEqual([]);
  });
}

/** Ends the server, does something, and starts it again at the same address. */
export async function restart(meanwhile: () => Promise<void>): Promise<void> {
  const port = Number(new URL(server.studio.url).port);
  await server.studio.close();
  await meanwhile();
  expect(server.defects).toEqual([]);
  server = await startPage(folder, micro, { port });
}

/** Opens an address; keys and positions mean something once its page is drawn. */
export async function open(address: string, on = page): Promise<void> {
  await on.goto(new URL(address, server.studio.url).href);
  await on.getByRole('heading', { level: 1 }).waitFor();
}
