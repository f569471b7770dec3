import { Hono } from 'hono';
import type { ConceptSetList, ReportList, StudioInfo } from '../api.js';
import type { ConceptShelf } from '../catalogue/concept-shelf.js';
import type { OfferedInverter } from '../catalogue/inverter-list.js';
import { studioModels } from '../catalogue/model-list.js';
import type { ReportShelf } from '../catalogue/report-shelf.js';
import { findInverter } from '../jobs/resolve-request.js';
import type { PullDesk } from '../pulls/pull-desk.js';
import { HttpProblem } from './http-problem.js';
import { REPORT_POLICY } from './safety.js';

export interface CatalogueParts {
  readonly info: StudioInfo;
  readonly inverters: readonly OfferedInverter[];
  readonly concepts: ConceptShelf;
  readonly reports: ReportShelf;
  readonly pulls: PullDesk;
}

/** What there is to choose from and to look at. */
export function catalogueRoutes({
  info,
  inverters,
  concepts,
  reports,
  pulls,
}: CatalogueParts): Hono {
  const app = new Hono();

  app.get('/studio', (context) => context.json(info));

  app.get('/models', async (context) => context.json(await studioModels(pulls.isOffline())));

  app.get('/concepts', async (context) => {
    const name = context.req.query('inverter');
    const inverter = name === undefined ? undefined : findInverter(name, inverters).info;
    const list: ConceptSetList = { sets: await concepts.list(inverter) };
    return context.json(list);
  });

  app.get('/concepts/:name/files/:file', async (context) => {
    const { name, file } = context.req.param();
    const bytes = await concepts.patch(name, file);
    if (!bytes) throw new HttpProblem(404, 'these concepts have no such picture');
    return context.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'image/png',
      // The same fit again takes the place of this one.
      'Cache-Control': 'no-cache',
    });
  });

  app.get('/reports', async (context) => {
    const list: ReportList = { reports: await reports.list() };
    return context.json(list);
  });

  app.get('/reports/:name', async (context) => {
    const page = await reports.page(context.req.param('name'));
    if (!page) throw new HttpProblem(404, 'there is no such report here');
    return context.body(new Uint8Array(page), 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': REPORT_POLICY,
    });
  });

  return app;
}
