/** `npm run bench`: measures this machine; see docs/performance.md. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';
import { errorMessage, InputError } from '../src/errors.js';
import { writeAtomic } from '../src/files.js';
import { readConfig } from '../src/parse-config.js';
import { parseBenchArguments, USAGE, type BenchArguments } from './arguments.js';
import { measureWork, type MeasureOptions } from './measure-work.js';
import { peerCommand } from './peer-environment.js';
import { profileWork } from './profile-work.js';
import { mergeResults, resultsSchema, type Results } from './results.js';
import { describeResults } from './describe-results.js';
import type { Command } from './work-process.js';
import { allWorks } from './works.js';

const WORKER: Command = [
  process.execPath,
  path.join(path.dirname(fileURLToPath(import.meta.url)), 'worker.js'),
];

async function main(): Promise<void> {
  const options = parseBenchArguments(process.argv.slice(2));
  if (options.help) return void process.stdout.write(USAGE);
  const all = await allWorks();
  const works = all.filter(
    ({ name, quick }) => (!options.quick || quick) && (options.only?.test(name) ?? true),
  );
  if (works.length === 0) {
    throw new InputError(`no row matches ${options.only}: --list prints their names`);
  }
  if (options.list) return void process.stdout.write(works.map((w) => `${w.name}\n`).join(''));
  if (options.profile) {
    for (const work of works) await profileWork(work, options.threads, WORKER);
    return;
  }
  const earlier = await readEarlier(options.into);
  const measuring: MeasureOptions = {
    ...options,
    ours: WORKER,
    peer: options.peer ? { command: peerCommand(), precisions: options.precisions } : undefined,
  };
  let results = earlier;
  for (const work of works) {
    process.stderr.write(`${work.name}\n`);
    const { row, versions } = await measureWork(work, measuring);
    const order = all.map(({ name }) => name);
    const found = {
      machine: describeMachine(options),
      versions: { ...ownVersions(), ...versions },
      rows: [row],
    };
    results = results === undefined ? found : mergeResults(results, found, order);
    if (options.into !== undefined) await writeAtomic(options.into, toJson(results));
  }
  process.stdout.write(options.json ? toJson(results!) : describeResults(results!));
}

async function readEarlier(file: string | undefined): Promise<Results | undefined> {
  return file !== undefined && existsSync(file) ? readConfig(resultsSchema, file) : undefined;
}

const toJson = (results: Results): string => `${JSON.stringify(results, null, 2)}\n`;

function describeMachine({ threads }: BenchArguments): Results['machine'] {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    threads,
  };
}

function ownVersions(): Record<string, string> {
  const { node, common } = ort.env.versions;
  return { node: process.versions.node, onnxruntime: node ?? common };
}

main().catch((error: unknown) => {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
});
