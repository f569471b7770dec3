import type { JobInfo, JobKind } from '../../../src/server/api.js';
import { api, jobFileUrl } from '../api/client.js';
import { formatDate } from '../state/format.js';
import { jobAddress } from '../state/job-address.js';
import type { RunState } from '../state/run-state.js';
import { useLoaded } from '../state/use-loaded.js';
import { Link } from './link.js';

const LISTED = 60;
const SHOWN = 8;

/** Results of this kind that the studio has kept. */
export function RecentJobs({ kind, state }: { kind: JobKind; state: RunState }) {
  // Asked for again when a job has ended.
  const key = state.phase === 'following' ? `${state.job.id} ${state.job.state}` : '';
  const loaded = useLoaded(() => api.jobs(LISTED), key);
  if (loaded.state !== 'loaded') return null;
  const jobs = loaded.value.jobs.filter((job) => job.kind === kind && job.result).slice(0, SHOWN);
  if (jobs.length === 0) return null;
  return (
    <section className="recent">
      <h2>Lately</h2>
      <ul>
        {jobs.map((job) => (
          <li key={job.id}>
            <Link to={jobAddress(job.request) ?? '/'}>
              <img
                className="frame"
                src={jobFileUrl(job.id, thumbnailOf(job))}
                alt={`Result of ${formatDate(job.createdAt)}`}
              />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function thumbnailOf({ result }: JobInfo): string {
  switch (result?.kind) {
    case 'look':
    case 'mix':
      return result.outputs[0]!.image;
    case 'steer':
      return result.outputs[0]!.after;
    default:
      return '';
  }
}
