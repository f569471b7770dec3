/** Numbers of a worker and of its queue for Prometheus, over HTTP. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { errorMessage, InputError } from '../errors.js';
import { prometheusText } from './prometheus-text.js';
import type { QueueAddress } from './queue-address.js';
import { WorkQueue } from './work-queue.js';
import type { WorkerTally } from './worker-tally.js';

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** A queue that takes longer to answer counts as away: Prometheus itself waits for ten seconds. */
const PATIENCE_MS = 3_000;

/** Answers `GET /metrics`. Returns what ends it. Throws InputError for a port that cannot be had. */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  address: QueueAddress,
  tally: WorkerTally,
): Promise<() => Promise<void>> {
  const queue = await WorkQueue.open(address);
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end('the numbers are at /metrics\n');
      return;
    }
    const late = wait(PATIENCE_MS, undefined, { ref: false });
    void Promise.race([queue.metrics().catch(() => undefined), late]).then((ofQueue) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(`${prometheusText(tally, ofQueue !== undefined)}${ofQueue ?? ''}\n`);
    });
  });
  server.listen(port, host);
  await once(server, 'listening').catch(async (error: unknown) => {
    await queue.close();
    throw new InputError(
      `--metrics-port: cannot listen at ${host}:${port}: ${errorMessage(error)}`,
    );
  });
  return async () => {
    server.close();
    server.closeAllConnections();
    await queue.close();
  };
}
