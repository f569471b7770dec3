/** The page Models, with a hub of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FakeHub } from '../../hub/fake-hub.js';
import { freshStudio, open, page, tabs } from './fresh-studio.js';
import { faultsOf } from './open-browser.js';
import { photograph } from './test-page.js';

const hub = new FakeHub();
let home: string;

beforeAll(async () => {
  await hub.start();
  home = mkdtempSync(path.join(tmpdir(), 'featinv-models-'));
  vi.stubEnv('FEATINV_HOME', home);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.stop();
  rmSync(home, { recursive: true, force: true });
});

freshStudio(() => ({ hub: hub.settings() }));

const row = (name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
const button = (name: string) => page.getByRole('button', { name, exact: true });

describe('Models', () => {
  it('lists what is here and finds what is not', async () => {
    await open('/models');
    await row('efficientnet_lite0 standard').getByText('here', { exact: true }).waitFor();
    expect(await row('resnet50.a1_in1k').isVisible()).toBe(false);
    await page.getByText(/^\d+ more to fetch$/).click();
    await page.getByRole('searchbox', { name: 'Find' }).fill('resnet 50 bsd');
    await row('resnet50.tv_in1k').getByText('102 MB').waitFor();
    expect(await page.getByRole('list', { name: 'Backbones to fetch' }).innerText()).not.toMatch(
      /swin|Apache/,
    );
    expect(await faultsOf(page)).toEqual([]);
    await photograph(page, 'models');
    await page.getByRole('searchbox', { name: 'Find' }).fill('nothing');
    await page.getByText('None of them is called that.').waitFor();
  });

  it('fetches one, shows how far it is, and goes on after it was cancelled', async () => {
    const name = 'resnet18.a1_in1k';
    const weights = Buffer.alloc(3_000_000, 7);
    const files = { 'config.json': Buffer.from('{"architecture":"resnet18"}') };
    hub.repositories.set(`timm/${name}`, {
      files: { ...files, 'model.safetensors': weights },
      licence: 'apache-2.0',
    });
    // After two megabytes the connection breaks, and the next try is asked to wait.
    hub.faults.cdn.push({ whole: true }, { breakAfter: 2_000_000 });
    hub.faults.cdn.push({ status: 503, retryAfter: '30' });
    await open('/models');
    await page.getByText(/^\d+ more to fetch$/).click();
    await button(`Get ${name}`).click();
    await row(name).getByText('2.0 MB of 3.0 MB').waitFor();
    await row(name).getByRole('progressbar').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const other = await tabs.context.newPage();
    await open('/models', other);
    await other.getByText('2.0 MB of 3.0 MB').waitFor();
    await button(`Cancel ${name}`).click();
    await row(name).getByText('Cancelled at 2.0 MB').waitFor();
    await button(`Get ${name}`).click();
    await row(name).getByText('here', { exact: true }).waitFor();
    // A connection that breaks may lose its last kilobytes.
    expect(hub.seen.at(-1)?.range).toMatch(/^bytes=(?:199\d{4}|2000000)-$/);
  });

  it('shows terms before it fetches what comes under some, and says what went wrong', async () => {
    await open('/models');
    await button('Get minisd').click();
    const terms = page.getByRole('link', { name: 'CreativeML OpenRAIL-M' });
    expect(await terms.getAttribute('href')).toMatch(/^https:.*stable-diffusion-license$/);
    const agree = button('Agree and get it');
    expect(await agree.isEnabled()).toBe(false);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('I have read it and keep to it').check();
    await agree.click();
    await row('minisd')
      .getByRole('alert')
      .filter({ hasText: 'does not exist, or is only for those who are signed in' })
      .waitFor();
    await hub.stop();
    await button('Get sd-v1-5').click();
    await page.getByLabel('I have read it and keep to it').check();
    await agree.click();
    await row('sd-v1-5').getByRole('alert').filter({ hasText: 'cannot reach 127.0.0.1' }).waitFor();
    await hub.start();
  });
});
