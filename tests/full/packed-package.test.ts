import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { packageVersion } from '../../src/cli/package-version.js';
import { packageRoot } from '../../src/package-root.js';

const project = mkdtempSync(path.join(os.tmpdir(), 'featinv-project-'));

function run(command: string, args: readonly string[], cwd: string) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

beforeAll(() => {
  const packed = run('npm', ['pack', '--pack-destination', project], packageRoot());
  expect(packed.code, packed.stderr).toBe(0);
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
  writeFileSync(path.join(project, 'package.json'), '{"private":true,"type":"module"}');
  const installed = run('npm', ['install', '--ignore-scripts', `./${tarball}`], project);
  expect(installed.code, installed.stderr).toBe(0);
}, 600_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the packed package in an empty project', () => {
  it('holds what it needs and no sources', () => {
    const directory = path.join(project, 'node_modules', 'featinv');
    const names = readdirSync(directory);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['LICENSE', 'NOTICE', 'README.md', 'bin', 'dist', 'models', 'package.json', 'photos'],
      ]),
    );
    for (const name of ['src', 'tests', 'scripts']) expect(names).not.toContain(name);
    expect(readdirSync(path.join(directory, 'dist'))).not.toContain('.build');
  });

  it('reconstructs a photograph through the library, weights included', () => {
    const photograph = path.join(packageRoot(), 'photos', 'macaw.jpg');
    writeFileSync(
      path.join(project, 'library.js'),
      `import { loadInverter, writePng } from 'featinv';
       const inverter = await loadInverter();
       const features = await inverter.features(${JSON.stringify(photograph)});
       const [sample] = await inverter.reconstruct(features, { steps: 4 });
       await writePng('macaw.png', sample.image);
       console.log(features.shape.join());`,
    );
    const ran = run(process.execPath, ['library.js'], project);
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: '112,14,14\n' });
    expect(readdirSync(project)).toContain('macaw.png');
  });

  it('runs the command', () => {
    expect(run('npx', ['featinv', '--version'], project)).toMatchObject({
      code: 0,
      stdout: `${packageVersion()}\n`,
    });
    const doctor = run('npx', ['featinv', 'doctor', '--json'], project);
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      devices: [{ device: 'cpu', available: true }, {}, {}],
    });
  });
});
