import { spawn } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

import ort from 'onnxruntime-node';
import sharp from 'sharp';

import { type DeviceName, DEVICES } from '../common-options.js';
import { defineCommand } from '../command.js';
import { packageVersion } from '../package-version.js';

interface DeviceReport {
  readonly device: DeviceName;
  readonly available: boolean;
  /** Why not. */
  readonly reason?: string;
}

const PROBE_TIMEOUT_MS = 60_000;

export const command = defineCommand({
  description:
    'Reports versions, threads and memory, and tries every device with a small computation.',
  examples: ['featinv doctor', 'featinv doctor --json'],
  async run({ context }) {
    const cpus = os.cpus();
    const report = {
      featinv: packageVersion(),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      onnxruntime: ort.env.versions.node ?? ort.env.versions.common,
      sharp: sharp.versions.sharp ?? 'unknown',
      libvips: sharp.versions.vips,
      cpu: { model: cpus[0]?.model.trim() ?? 'unknown', cores: os.availableParallelism() },
      threads: context.common.threads ?? os.availableParallelism(),
      memoryGiB: round(os.totalmem() / 2 ** 30),
      freeMemoryGiB: round(os.freemem() / 2 ** 30),
      devices: await Promise.all(DEVICES.map(probeDevice)),
    };
    context.report(report, () =>
      table([
        ['featinv', report.featinv],
        ['Node.js', `${report.node} (${report.platform})`],
        ['ONNX Runtime', report.onnxruntime],
        ['sharp', `${report.sharp} (libvips ${report.libvips})`],
        ['CPU', report.cpu.model],
        ['threads', `${report.threads} of ${report.cpu.cores} cores`],
        ['memory', `${report.memoryGiB} GiB, ${report.freeMemoryGiB} GiB free`],
        ...report.devices.map(({ device, available, reason }): [string, string] => [
          `--device ${device}`,
          available ? 'works' : `not available: ${reason ?? 'unknown reason'}`,
        ]),
      ]),
    );
  },
});

/** In a process of its own: a GPU driver may take the process down with it. */
function probeDevice(device: DeviceName): Promise<DeviceReport> {
  const script = fileURLToPath(new URL('../probe-device.js', import.meta.url));
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, device], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PROBE_TIMEOUT_MS,
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    child.on('error', (error) => resolve({ device, available: false, reason: error.message }));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve({ device, available: true });
      const last = errors.trim().split('\n').at(-1) ?? '';
      resolve({
        device,
        available: false,
        reason: last || `the probe ended with ${signal ?? code}`,
      });
    });
  });
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
