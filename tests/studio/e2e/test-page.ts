import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { packageRoot } from '../../../src/package-root.js';
import type { StudioOptions } from '../../../src/server/start-studio.js';
import type { MicroModels } from '../../inversion/micro-models.js';
import {
  makeStudioFolder,
  removeFolder,
  startTestStudio,
  type TestStudio,
} from '../../server/test-studio.js';

const PAGE = path.join(packageRoot(), 'dist', 'studio');
/** Compiled, as the page is: from sources it would take seconds to start. */
const WORKER = pathToFileURL(path.join(packageRoot(), 'dist/server/worker/worker-main.js'));
const TRAINING = {
  module: pathToFileURL(path.join(packageRoot(), 'dist/server/training/training-process.js')),
  execArgv: [],
};
const PICTURES = path.join(packageRoot(), 'out', 'studio');

/** A real server with the built page, which offers the micro inverter first. */
export function startPage(
  folder: string,
  micro: MicroModels,
  options: Partial<StudioOptions> = {},
): Promise<TestStudio> {
  return startTestStudio(folder, {
    ...{ page: PAGE, workerEntry: WORKER, trainingEntry: TRAINING, model: micro.inverter },
    ...options,
  });
}

/** A studio of the shipped models that others than this machine may ask, for as long as it is needed. */
export async function startOuterPage() {
  const folder = await makeStudioFolder();
  const { studio } = await startTestStudio(folder, { page: PAGE, host: '0.0.0.0' });
  const url = new URL(studio.url);
  url.hostname = '127.0.0.1';
  const close = async (): Promise<void> => {
    await studio.close();
    await removeFolder(folder);
  };
  return { url: url.href, close };
}

/** Pictures of the page as it is now, light and wide, dark and narrow, for people to look at. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: path.join(PICTURES, `${name}-dark-narrow.png`), fullPage: true });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Waits until the job that the page watches is done. */
export function isDone(page: Page): Promise<void> {
  return page.getByRole('status').filter({ hasText: 'Done in' }).waitFor({ timeout: 30_000 });
}
