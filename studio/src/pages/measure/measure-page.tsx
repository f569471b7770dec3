import type { PageProps } from '../../app.js';
import { api, reportUrl } from '../../api/client.js';
import { CopyButton } from '../../components/copy-button.js';
import { Link } from '../../components/link.js';
import { Notice } from '../../components/notice.js';
import { formatDate } from '../../state/format.js';
import { useLoaded } from '../../state/use-loaded.js';
import { writeSearch } from '../../state/url-reader.js';

/** Reports of experiments, read in a frame that lets them run nothing. */
export function MeasurePage({ search }: PageProps) {
  const loaded = useLoaded(api.reports, '');
  const wanted = new URLSearchParams(search).get('report');
  return (
    <section className="page">
      <h1>Reports</h1>
      <p className="lead">
        What experiments have measured: how close the drawings come, over many photographs, layers
        and settings.
      </p>
      {loaded.state === 'failed' && <Notice kind="error">{loaded.message}</Notice>}
      {loaded.state === 'loaded' && <Reports reports={loaded.value.reports} wanted={wanted} />}
    </section>
  );
}

const addressOf = (report: string): string => `/measure${writeSearch({ report })}`;
const linkTo = (report: string): string => `${location.origin}${addressOf(report)}`;

type ReportsProps = {
  readonly reports: Awaited<ReturnType<typeof api.reports>>['reports'];
  readonly wanted: string | null;
};

function Reports({ reports, wanted }: ReportsProps) {
  const first = reports[0];
  if (!first) {
    return (
      <Notice kind="hint">
        <p>There are no reports yet. An experiment writes one:</p>
        <pre>featinv experiment experiments/layers.json --out runs/experiments/layers</pre>
      </Notice>
    );
  }
  const shown = wanted === null ? first : reports.find(({ name }) => name === wanted);
  return (
    <div className="reports">
      <nav aria-label="Reports">
        {reports.map(({ name, title, createdAt }) => (
          <Link key={name} to={addressOf(name)} isCurrent={name === shown?.name}>
            {title} <span className="quiet">{formatDate(createdAt)}</span>
          </Link>
        ))}
      </nav>
      {shown ? (
        <div>
          <div className="take-away frame-bar">
            <a className="button" href={reportUrl(shown.name)} target="_blank" rel="noreferrer">
              Open in its own tab
            </a>
            <CopyButton label="Copy link" text={() => linkTo(shown.name)} />
            <a className="button" href={reportUrl(shown.name)} download={`${shown.name}.html`}>
              Save report
            </a>
          </div>
          <iframe key={shown.name} sandbox="" src={reportUrl(shown.name)} title={shown.title} />
        </div>
      ) : (
        <Notice kind="error">There is no report “{wanted}” here.</Notice>
      )}
    </div>
  );
}
