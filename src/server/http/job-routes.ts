import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Hono } from 'hono';
import { errorCode } from '../../errors.js';
import type { JobInfo, JobList } from '../api.js';
import { type DrawnJob, isDrawn, type JobExports } from '../exports/job-exports.js';
import type { JobQueue } from '../jobs/job-queue.js';
import { JSON_BYTES } from '../limits.js';
import { HttpProblem } from './http-problem.js';
import { JobEventStreams } from './job-events.js';
import { readJson } from './read-body.js';
import { REPORT_POLICY } from './safety.js';

const PICTURE_NAME = /^[\w-]{1,100}\.png$/;
const LISTED = { usual: 20, most: 100 } as const;

export function jobRoutes(queue: JobQueue, exports: JobExports): Hono {
  const events = new JobEventStreams(queue);
  const app = new Hono();

  app.post('/', async (context) => {
    const { job, isNew } = await queue.submit(await readJson(context, JSON_BYTES));
    return context.json(job, isNew ? 201 : 200);
  });

  app.get('/', (context) => {
    const list: JobList = { jobs: queue.list(readLimit(context.req.query('limit'))) };
    return context.json(list);
  });

  app.get('/:id', (context) => context.json(known(queue.info(context.req.param('id')))));

  app.delete('/:id', (context) => context.json(known(queue.cancel(context.req.param('id')))));

  app.get('/:id/events', (context) => events.answer(context, context.req.param('id')));

  app.get('/:id/result.json', (context) => {
    const job = drawn(queue.info(context.req.param('id')));
    const text = `${JSON.stringify(exports.numbers(job), null, 2)}\n`;
    return context.body(text, 200, saved('application/json', `${exports.nameOf(job)}.json`));
  });

  app.get('/:id/report.html', async (context) => {
    const job = drawn(queue.info(context.req.param('id')));
    const page = await exports.page(job, queue.folderOf(job.id));
    return context.body(page, 200, {
      ...saved('text/html; charset=utf-8', `${exports.nameOf(job)}.html`),
      'Content-Security-Policy': REPORT_POLICY,
    });
  });

  app.get('/:id/files/:name', async (context) => {
    // The id goes into a path only after the database has known it.
    const { id } = known(queue.info(context.req.param('id')));
    const name = context.req.param('name');
    if (!PICTURE_NAME.test(name)) throw noFile();
    const bytes = await readFile(path.join(queue.folderOf(id), name)).catch((error: unknown) => {
      throw errorCode(error) === 'ENOENT' ? noFile() : error;
    });
    const save = context.req.query('download') !== undefined;
    return context.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'image/png',
      'Cache-Control': 'private, max-age=31536000, immutable',
      ...(save && { 'Content-Disposition': `attachment; filename="${name}"` }),
    });
  });

  return app;
}

function known(job: JobInfo | undefined): JobInfo {
  if (job) return job;
  throw new HttpProblem(404, 'there is no such job here (any more)');
}

/** A job that has pictures to hand out. */
function drawn(job: JobInfo | undefined): DrawnJob {
  const found = known(job);
  if (isDrawn(found)) return found;
  throw new HttpProblem(404, 'this job has no result to save');
}

const saved = (type: string, name: string) => ({
  'Content-Type': type,
  'Content-Disposition': `attachment; filename="${name}"`,
});

const noFile = (): HttpProblem => new HttpProblem(404, 'this job has no such picture');

function readLimit(text: string | undefined): number {
  if (text === undefined) return LISTED.usual;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (limit >= 1 && limit <= LISTED.most) return limit;
  throw new HttpProblem(400, `limit must be a whole number from 1 to ${LISTED.most}`);
}
