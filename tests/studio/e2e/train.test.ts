/** The page Train, with a process that really trains. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { writeMicroRecipe } from '../../server/micro-recipe.js';
import { folder, freshStudio, open, page } from './fresh-studio.js';
import { faultsOf } from './open-browser.js';
import { photograph } from './test-page.js';

vi.setConfig({ testTimeout: 240_000 });

freshStudio((micro) => ({ recipes: writeMicroRecipe(micro) }));

const button = (name: string) => page.getByRole('button', { name, exact: true });
const status = (text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

describe('Train', () => {
  it('starts a run, shows its curves and pictures, pauses it and goes on', async () => {
    await open('/train');
    await page.getByText('No run yet.').waitFor();
    await page.getByLabel('What it learns to read').selectOption('micro');
    await page.getByLabel('Photographs', { exact: true }).selectOption('shipped');
    await page.getByText('the very photographs that it learns from').waitFor();
    await page.getByLabel('Pictures in a step').fill('1');
    await page.getByLabel('Steps').fill('0');
    await page.getByText('A whole number from 1 to 100000.').waitFor();
    await page.getByLabel('Steps').fill('200');
    await page.getByLabel('Name').fill('From a test');
    expect(await faultsOf(page)).toEqual([]);
    await button('Start training').click();
    await page.getByRole('heading', { name: 'From a test' }).waitFor();
    await status(/Running, step \d+ of 200/).waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('run')).toMatch(/^own-from-a-test-/);
    const loss = page.getByRole('slider', { name: 'Read Loss at' });
    await loss.waitFor({ timeout: 60_000 });
    await button('Pause').click();
    await status(/Paused at step \d+ of 200/).waitFor({ timeout: 60_000 });
    expect(await loss.getAttribute('aria-valuetext')).toMatch(/^Step \d+: loss \d/);
    await page.reload();
    await button('Resume').click();
    await page.getByText('What it draws').waitFor({ timeout: 120_000 });
    await page.getByRole('img', { name: /Originals above drawings after \d+ steps/ }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await photograph(page, 'train');
    await button('Pause').click();
    await button('Remove').waitFor({ timeout: 60_000 });
    await button('Remove').click();
    await button('Remove for good').click();
    await page.getByText('No run yet.').waitFor();
  });

  it('shows runs of the command line beside each other, and leaves them alone', async () => {
    for (const [name, rate] of [
      ['slow', 0.02],
      ['fast', 0.1],
    ] as const) {
      const root = path.join(folder, 'runs', name);
      mkdirSync(root, { recursive: true });
      const trainer = {
        steps: 100,
        batchSize: 2,
        learningRate: rate,
        schedule: 'constant',
        seed: 1,
      };
      writeFileSync(path.join(root, 'config.json'), JSON.stringify({ type: 'denoiser', trainer }));
      const lines = Array.from({ length: 50 }, (_, i) => ({
        ...{ type: 'step', step: i + 1, loss: 0.2 + Math.exp(-rate * i) },
      }));
      writeFileSync(
        path.join(root, 'log.jsonl'),
        lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
    }
    await open('/train?run=other-slow&steps=lots');
    await page.getByText('The address says steps = “lots”').waitFor();
    await status('Running in a terminal, step 50 of 100').waitFor();
    expect(await button('Pause').count()).toBe(0);
    await page.getByLabel('Compare with fast').check();
    const loss = page.getByRole('slider', { name: 'Read Loss at' });
    await page.locator('.key', { hasText: 'fast' }).waitFor();
    await loss.focus();
    await loss.press('Home');
    expect(await loss.getAttribute('aria-valuetext')).toBe('Step 0: slow 1.2, fast 1.2');
    expect(await faultsOf(page)).toEqual([]);
    await photograph(page, 'train-compared');
  });
});
