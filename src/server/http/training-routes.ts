import { Hono } from 'hono';
import { parseConfig } from '../../parse-config.js';
import { JSON_BYTES } from '../limits.js';
import { trainingRequestSchema } from '../requests.js';
import { noRun, type TrainingDesk } from '../training/training-desk.js';
import { HttpProblem } from './http-problem.js';
import { readJson } from './read-body.js';

/** Training: starting, watching, pausing and going on. */
export function trainingRoutes(desk: TrainingDesk): Hono {
  const app = new Hono();

  app.get('/', async (context) => context.json(await desk.overview()));

  app.post('/', async (context) => {
    const body = await readJson(context, JSON_BYTES);
    const request = parseConfig(trainingRequestSchema, body, 'the request');
    return context.json(await desk.start(request), 201);
  });

  app.get('/:id', async (context) => {
    const run = await desk.read(context.req.param('id'), readAfter(context.req.query('after')));
    if (!run) throw noRun();
    return context.json(run);
  });

  app.post('/:id/pause', async (context) =>
    context.json(await desk.pause(context.req.param('id'))),
  );

  app.post('/:id/resume', async (context) =>
    context.json(await desk.resume(context.req.param('id'))),
  );

  app.delete('/:id', async (context) => {
    await desk.remove(context.req.param('id'));
    return context.body(null, 204);
  });

  app.get('/:id/samples/:file', async (context) => {
    const { id, file } = context.req.param();
    const bytes = await desk.sample(id, file);
    if (!bytes) throw new HttpProblem(404, 'this run has no such picture');
    return context.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'image/png',
      // A run that was resumed may draw it anew.
      'Cache-Control': 'no-cache',
    });
  });

  return app;
}

function readAfter(text = '0'): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new HttpProblem(400, 'after must be a whole number: how many points of the log are known');
}
