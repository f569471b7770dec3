/** Jobs in the database: what was asked for, how it ended, and what came out. */
import { randomUUID } from 'node:crypto';
import type { JobInfo, JobRequest, JobResult, JobState } from '../api.js';
import type { Database } from '../database.js';

export interface StoredJob {
  readonly id: string;
  /** The same for requests that give the same result. */
  readonly key: string;
  readonly state: JobState;
  readonly request: JobRequest;
  readonly result: JobResult | null;
  readonly error: string | null;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly finished: number | null;
}

/** How a job ended. */
export type JobOutcome =
  | { readonly state: 'done'; readonly result: JobResult }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'cancelled' };

/** A job that was running this often when the server ended may be why it ended. */
const MOST_STARTS = 2;

export class JobStore {
  constructor(private readonly database: Database) {}

  add(request: JobRequest, key: string): StoredJob {
    const id = randomUUID();
    this.database.run(
      `INSERT INTO jobs (id, key, state, request, created) VALUES (?, ?, 'queued', ?, ?)`,
      [id, key, JSON.stringify(request), Date.now()],
    );
    return this.find(id)!;
  }

  find(id: string): StoredJob | undefined {
    const row = this.database.get('SELECT * FROM jobs WHERE id = ?', [id]);
    return row === null ? undefined : toJob(row);
  }

  /** The newest job of this key that is done, or is going to be. */
  findSame(key: string): StoredJob | undefined {
    const row = this.database.get(
      `SELECT * FROM jobs WHERE key = ? AND state IN ('queued', 'running', 'done')
       ORDER BY number DESC LIMIT 1`,
      [key],
    );
    return row === null ? undefined : toJob(row);
  }

  /** Newest first. */
  list(limit: number): StoredJob[] {
    return this.database.all('SELECT * FROM jobs ORDER BY number DESC LIMIT ?', [limit]).map(toJob);
  }

  /** Ids of the jobs that wait, in the order in which they came. */
  queued(): string[] {
    const rows = this.database.all(`SELECT id FROM jobs WHERE state = 'queued' ORDER BY number`);
    return rows.map(idOf);
  }

  start(id: string): void {
    this.database.run(`UPDATE jobs SET state = 'running', starts = starts + 1 WHERE id = ?`, [id]);
  }

  /** Of a running job at an orderly end: it waits for the next start, and nobody suspects it. */
  putBack(id: string): void {
    this.database.run(`UPDATE jobs SET state = 'queued', starts = starts - 1 WHERE id = ?`, [id]);
  }

  finish(id: string, outcome: JobOutcome): void {
    const result = outcome.state === 'done' ? JSON.stringify(outcome.result) : null;
    const error = outcome.state === 'failed' ? outcome.error : null;
    this.database.run(
      'UPDATE jobs SET state = ?, result = ?, error = ?, finished = ? WHERE id = ?',
      [outcome.state, result, error, Date.now(), id],
    );
  }

  /**
   * Jobs that were running when the server was killed wait again, before all others. One that was running
   * at the end of two servers fails, so that it cannot end a third one.
   */
  recover(): void {
    this.database.run(
      `UPDATE jobs SET state = 'failed', finished = ?, error =
         'the studio ended twice while it was at work on this: it may need more memory than there is'
       WHERE state = 'running' AND starts >= ?`,
      [Date.now(), MOST_STARTS],
    );
    this.database.run(`UPDATE jobs SET state = 'queued' WHERE state = 'running'`);
  }

  /** Forgets the oldest finished jobs beyond `most`; gives their ids. */
  prune(most: number): string[] {
    const old = this.database.all(
      `SELECT id FROM jobs WHERE finished IS NOT NULL ORDER BY number DESC LIMIT -1 OFFSET ?`,
      [most],
    );
    const ids = old.map(idOf);
    for (const id of ids) this.database.run('DELETE FROM jobs WHERE id = ?', [id]);
    return ids;
  }
}

export function jobInfo(
  job: StoredJob,
  live: Pick<JobInfo, 'position' | 'progress'> = {},
): JobInfo {
  return {
    id: job.id,
    kind: job.request.kind,
    request: job.request,
    state: job.state,
    ...live,
    ...(job.error !== null && { error: job.error }),
    ...(job.result !== null && { result: job.result }),
    createdAt: new Date(job.created).toISOString(),
    ...(job.finished !== null && { finishedAt: new Date(job.finished).toISOString() }),
  };
}

/** As the table declares its columns. */
interface JobRow extends Omit<StoredJob, 'request' | 'result'> {
  readonly request: string;
  readonly result: string | null;
}

/** The server alone writes this table, so its JSON is what it was. */
function toJob(row: NonNullable<ReturnType<Database['get']>>): StoredJob {
  const { id, key, state, request, result, error, created, finished } = row as unknown as JobRow;
  return {
    ...{ id, key, state, error, created, finished },
    request: JSON.parse(request) as JobRequest,
    result: result === null ? null : (JSON.parse(result) as JobResult),
  };
}

const idOf = (row: NonNullable<ReturnType<Database['get']>>): string => row['id'] as string;
