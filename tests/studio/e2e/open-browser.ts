import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './find-chromium.js';

/** Throws a sentence that says how to get a browser where there is none. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium(process.env['CHROMIUM']);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

export interface Tabs {
  readonly context: BrowserContext;
  /** What consoles and uncaught errors said since they were last taken out. */
  readonly complaints: string[];
}

/** A browser's window with axe in its pages. */
export async function openTabs(browser: Browser): Promise<Tabs> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addInitScript(axe.source);
  context.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  return { context, complaints };
}

/** What axe finds fault with in the page as it is now, one line for each element. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html }) => `${impact}, ${id}: ${html}`),
  );
}
