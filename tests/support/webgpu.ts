/** WebGPU in tests: in child processes, since a driver is found when a process starts and may end it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DRIVER = 'vk_swiftshader_icd.json';
/** Where Chromium keeps SwiftShader, its Vulkan in software, and a Vulkan loader. */
const PLACES: readonly string[] = ['/usr/lib/chromium', '/opt/google/chrome'];
const LOADER = fileURLToPath(new URL('./typescript-loader.mjs', import.meta.url));

/** FEATINV_TEST_GPU=1 tests the machine's own GPU; else SwiftShader is used where Chromium brings it. */
export function webgpuEnvironment(places = PLACES): Record<string, string> | undefined {
  if (process.env['FEATINV_TEST_GPU']) return {};
  const folder = places.find((place) => existsSync(path.join(place, DRIVER)));
  return folder === undefined
    ? undefined
    : { VK_ICD_FILENAMES: path.join(folder, DRIVER), LD_LIBRARY_PATH: folder };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a TypeScript file in a process of its own, with `environment` beside this one's. */
export function runScript(
  script: URL,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', LOADER, fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** What a script prints as JSON when it runs with WebGPU. */
export async function onWebgpu<T>(script: URL, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runScript(script, args, webgpuEnvironment()!);
  if (code !== 0) throw new Error(`${fileURLToPath(script)} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
