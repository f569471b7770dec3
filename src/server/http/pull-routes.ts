import { Hono } from 'hono';
import { parseConfig } from '../../parse-config.js';
import type { PullList } from '../api.js';
import { JSON_BYTES } from '../limits.js';
import type { PullDesk } from '../pulls/pull-desk.js';
import { pullRequestSchema } from '../requests.js';
import { HttpProblem } from './http-problem.js';
import { readJson } from './read-body.js';

/** Fetching models: by names of the catalogue only, never from addresses that a request gives. */
export function pullRoutes(pulls: PullDesk): Hono {
  const app = new Hono();

  app.get('/', (context) => {
    const list: PullList = { pulls: pulls.list() };
    return context.json(list);
  });

  app.post('/', async (context) => {
    const body = await readJson(context, JSON_BYTES);
    const { info, isNew } = pulls.start(parseConfig(pullRequestSchema, body, 'the request'));
    return context.json(info, isNew ? 201 : 200);
  });

  app.delete('/:name', (context) => {
    const info = pulls.cancel(context.req.param('name'));
    if (!info) throw new HttpProblem(404, 'this model is not being fetched');
    return context.json(info);
  });

  return app;
}
