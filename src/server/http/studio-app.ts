/** All routes behind all checks. */
import { Hono } from 'hono';
import { errorMessage, InputError } from '../../errors.js';
import type { ErrorBody } from '../api.js';
import type { PictureShelf } from '../catalogue/picture-shelf.js';
import type { JobExports } from '../exports/job-exports.js';
import type { JobQueue } from '../jobs/job-queue.js';
import type { TrainingDesk } from '../training/training-desk.js';
import { catalogueRoutes, type CatalogueParts } from './catalogue-routes.js';
import { HttpProblem } from './http-problem.js';
import { jobRoutes } from './job-routes.js';
import { answerPage } from './page-files.js';
import { pictureRoutes } from './picture-routes.js';
import { pullRoutes } from './pull-routes.js';
import { trainingRoutes } from './training-routes.js';
import { refusalPage } from './refusal-page.js';
import { checkHost, checkOrigin, checkToken, SAFE_HEADERS, safeHeaders } from './safety.js';

export interface StudioAppParts extends CatalogueParts {
  readonly pictures: PictureShelf;
  readonly queue: JobQueue;
  readonly exports: JobExports;
  readonly training: TrainingDesk;
  /** Folder of the built page. */
  readonly page: string;
  readonly hosts: ReadonlySet<string>;
  readonly port: number;
  /** Null where only this machine can ask. */
  readonly token: string | null;
  /** Hears of what should not have happened. */
  readonly onDefect: (error: unknown) => void;
}

export function studioApp(parts: StudioAppParts): Hono {
  const app = new Hono();
  app.use(safeHeaders);
  app.use(checkHost(parts.hosts));
  if (parts.token !== null) app.use(checkToken(parts.token, parts.port));
  app.use(checkOrigin);
  app.route('/api/pictures', pictureRoutes(parts.pictures));
  app.route('/api/jobs', jobRoutes(parts.queue, parts.exports));
  app.route('/api/pulls', pullRoutes(parts.pulls));
  app.route('/api/training', trainingRoutes(parts.training));
  app.route('/api', catalogueRoutes(parts));
  app.all('/api/*', () => {
    throw new HttpProblem(404, 'the studio has no such address, or not for this method');
  });
  app.get('*', (context) => answerPage(context, parts.page));
  app.notFound((context) =>
    context.json({ error: 'the studio has no such address' } satisfies ErrorBody, 404),
  );
  app.onError((error, context) => {
    const status =
      error instanceof HttpProblem ? error.status : error instanceof InputError ? 400 : 500;
    if (status === 500) parts.onDefect(error);
    const message = errorMessage(error);
    const isPage = (context.req.header('accept') ?? '').includes('text/html');
    if (isPage && !context.req.path.startsWith('/api/')) {
      return context.html(refusalPage(message), status);
    }
    return context.json({ error: message } satisfies ErrorBody, status);
  });
  return app;
}

/** The answer to what is no request that the routes could see, such as an address with a backslash. */
export function malformedRequest(error: unknown): Response {
  const body: ErrorBody = {
    error: `this request cannot be read (${errorMessage(error)}): the studio begins at /`,
  };
  return Response.json(body, { status: 400, headers: SAFE_HEADERS });
}
