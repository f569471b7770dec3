import os from 'node:os';

import ort from 'onnxruntime-node';
import sharp from 'sharp';

import { type DeviceName, DEVICES } from '../common-options.js';
import { defineCommand } from '../command.js';
import { packageVersion } from '../package-version.js';
import { findDeviceProblem } from '../try-device.js';

interface DeviceReport {
  readonly device: DeviceName;
  readonly available: boolean;
  /** Why not. */
  readonly reason?: string;
}

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
          available ? 'works' : `not available: ${reason}`,
        ]),
      ]),
    );
  },
});

async function probeDevice(device: DeviceName): Promise<DeviceReport> {
  const reason = await findDeviceProblem(device);
  return reason === undefined ? { device, available: true } : { device, available: false, reason };
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
