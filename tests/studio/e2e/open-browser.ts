import { existsSync } from 'node:fs';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Throws a sentence that says how to get a browser where there is none. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium(process.env['CHROMIUM']);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** `named` is the only one that will do where it is given. */
export function findChromium(named: string | undefined, places = PLACES): string {
  const found = (named === undefined ? places : [named]).find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    named === undefined
      ? 'The studio’s tests need Chromium: install it (Debian: apt-get install chromium), ' +
          'or give its path in the environment variable CHROMIUM.'
      : `CHROMIUM names ${named}, which does not exist: give the path of a Chromium, or leave it out.`,
  );
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
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  return { context, complaints };
}

/** What axe takes for a serious or critical fault of the page as it is now, one line for each element. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const options = JSON.stringify({
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
