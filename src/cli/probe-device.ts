/**
 * Run as a process of its own by `findDeviceProblem`: computes 1 + 1 on the device that its argument
 * names. Exit code 0 when that works; else the last line on stderr says why not.
 */
import { errorMessage, WorkError } from '../errors.js';
import { add, input } from '../graph/index.js';
import { Session } from '../runtime/session.js';
import { type DeviceName, DEVICES } from './common-options.js';

try {
  const device = DEVICES.find((name) => name === process.argv[2]);
  if (device === undefined) throw new WorkError(`there is no device "${process.argv[2]}"`);
  await computeOn(device);
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = 1;
}

async function computeOn(device: DeviceName): Promise<void> {
  const x = input('x', [1]);
  const session = await Session.compile({ y: add(x, x) }, { device, threads: 1 });
  const { y } = await session.run({ x: Float32Array.of(1) });
  if (y[0] !== 2) throw new WorkError(`1 + 1 gave ${y[0]} on ${device}`);
  await session.dispose();
}
