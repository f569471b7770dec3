import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { readImage } from '../src/images/read-image.js';
import { packageRoot } from '../src/package-root.js';

// Inside the package, so that its own name resolves as it does for users.
const folder = path.join(packageRoot(), '.cache', `readme-${process.pid}`);

beforeAll(() => mkdir(folder, { recursive: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function codeBlock(language: string): Promise<string> {
  const readme = await readFile(path.join(packageRoot(), 'README.md'), 'utf8');
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme);
  return block![1]!;
}

it('runs the five lines of the README as they stand', async () => {
  const photo = path.join(packageRoot(), 'photos', 'cat.jpg');
  const code = (await codeBlock('ts')).replace("'photos/cat.jpg'", JSON.stringify(photo));
  expect(code.trim().split('\n')).toHaveLength(5);
  await writeFile(path.join(folder, 'readme.mjs'), code);
  execFileSync(process.execPath, ['readme.mjs'], { cwd: folder, stdio: 'pipe' });
  const picture = await readImage(path.join(folder, 'cat-as-seen.png'));
  expect([picture.width, picture.height]).toEqual([64, 64]);
});

it('names only files and folders that exist', async () => {
  const readme = await readFile(path.join(packageRoot(), 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect(existsSync(path.join(packageRoot(), link)), link).toBe(true);
});
