import { expect, it } from 'vitest';
import { findChromium } from './e2e/find-chromium.js';

it('says how to get a browser where there is none', () => {
  expect(() => findChromium(undefined, ['/nowhere/chromium'])).toThrow(/apt-get install chromium/);
  expect(() => findChromium('/nowhere/chromium')).toThrow(/CHROMIUM names \/nowhere\/chromium/);
  expect(findChromium(process.execPath)).toBe(process.execPath);
});
