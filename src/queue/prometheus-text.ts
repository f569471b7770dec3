import type { WorkerTally } from './worker-tally.js';

/**
 * A worker's numbers in Prometheus's text format 0.0.4, each line ended. Times are in seconds, memory is in bytes;
 * names of the process's own numbers are those that all Prometheus clients use.
 */
export function prometheusText(tally: WorkerTally, isQueueUp: boolean): string {
  const { done, found, failed, setAside, stalled, troubles, seconds, memory, doing, since } = tally;
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const worker = `worker="${escapeLabel(tally.worker)}"`;
  const metric = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    values: Readonly<Record<string, number>>,
  ): string[] => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...Object.entries(values).map(([labels, value]) => {
      const all = [worker, labels].filter((label) => label !== '').join(',');
      return `${name}{${all}} ${value}`;
    }),
  ];
  const lines = [
    ...metric('featinv_worker_jobs_total', 'counter', 'Attempts at jobs by how they ended.', {
      'outcome="done"': done,
      'outcome="was there"': found,
      'outcome="failed"': failed - setAside,
      'outcome="set aside"': setAside,
    }),
    ...metric('featinv_worker_job_seconds_total', 'counter', 'Time spent on jobs that are done.', {
      '': seconds,
    }),
    ...metric('featinv_worker_busy', 'gauge', '1 while a job is being done.', {
      '': doing ? 1 : 0,
    }),
    ...metric(
      'featinv_worker_current_job_seconds',
      'gauge',
      'Age of the job that is being done; 0 without one.',
      { '': doing ? (Date.now() - doing.since) / 1000 : 0 },
    ),
    ...metric('featinv_worker_taken_over_total', 'counter', 'Jobs of lost workers put back.', {
      '': stalled,
    }),
    ...metric('featinv_worker_queue_troubles_total', 'counter', 'Breaks of the connection.', {
      '': troubles,
    }),
    ...metric('featinv_worker_queue_up', 'gauge', '1 where the queue answers.', {
      '': isQueueUp ? 1 : 0,
    }),
    ...metric(
      'featinv_worker_computing_memory_bytes',
      'gauge',
      'Memory of the process that computes, after its last job.',
      { '': memory },
    ),
    ...metric('process_start_time_seconds', 'gauge', 'Since 1970.', { '': since / 1000 }),
    ...metric('process_resident_memory_bytes', 'gauge', 'Without the process that computes.', {
      '': rss,
    }),
    ...metric('process_cpu_seconds_total', 'counter', 'Without the process that computes.', {
      '': (user + system) / 1e6,
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/** Backslashes, quotes and line breaks, as the format asks. */
const escapeLabel = (text: string): string =>
  text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
