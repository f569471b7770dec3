import { MessageChannel } from 'node:worker_threads';

/**
 * Gives the memory of arrays back soon, whether or not the collector runs: it decides by the size of objects, not
 * of what they hold. The arrays have no values afterwards.
 */
export function freeBuffers(arrays: readonly Float32Array[]): void {
  if (arrays.length === 0) return;
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(
    undefined,
    arrays.map(({ buffer }) => buffer as ArrayBuffer),
  );
  // What was sent ends with the ports.
  port1.close();
  port2.close();
}
