import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const folder = path.join(packageRoot(), 'dist', 'studio');
if (!existsSync(folder)) throw new Error('The studio’s page is not built: run `npm run build`.');

const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const assets = readdirSync(path.join(folder, 'assets'));

describe('the built page', () => {
  it('loads less than 300 KB of JavaScript, gzipped, all of it at once', () => {
    const scripts = assets.filter((name) => name.endsWith('.js'));
    const bytes = scripts.reduce((sum, name) => sum + gzipSync(read(`assets/${name}`)).length, 0);
    expect(scripts.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(300_000);
  });

  it('has nothing inline that its security policy would stop, and nothing from elsewhere', () => {
    const index = read('index.html');
    expect(index).not.toMatch(/<style|\sstyle=|\son\w+=|https?:/);
    expect(index.match(/<script[^>]*>[^<]+<\/script>/)).toBeNull();
    for (const [, address] of index.matchAll(/(?:src|href)="([^"]*)"/g)) {
      expect(address).toMatch(/^\/[\w.-]+/);
    }
    for (const name of assets.filter((one) => one.endsWith('.css'))) {
      expect(read(`assets/${name}`)).not.toMatch(/url\(|@import/);
    }
  });

  it('names its files after their content', () => {
    for (const name of assets) expect(name).toMatch(/^[\w-]+-[\w-]{8,}\.(js|css)$/);
  });

  it('brings the licences of what is bundled into it', () => {
    expect(read('licenses.md')).toMatch(/react-dom[\s\S]*MIT/);
  });
});
