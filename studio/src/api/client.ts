/** The server's routes as functions; `src/server/api.ts` lists them. */
import type {
  ConceptSetList,
  ErrorBody,
  JobInfo,
  JobList,
  JobRequest,
  PictureInfo,
  PullInfo,
  PullList,
  PullRequest,
  ReportList,
  StudioInfo,
  StudioModels,
  TrainingOverview,
  TrainingRequest,
  TrainingRun,
  TrainingRunInfo,
} from '../../../src/server/api.js';

/** What the server refuses, in its own sentence, or that it does not answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const api = {
  studio: () => ask<StudioInfo>('/api/studio'),
  concepts: (inverter: string) =>
    ask<ConceptSetList>(`/api/concepts?inverter=${encodeURIComponent(inverter)}`),
  reports: () => ask<ReportList>('/api/reports'),
  models: () => ask<StudioModels>('/api/models'),
  pulls: () => ask<PullList>('/api/pulls'),
  startPull: (request: PullRequest) => post<PullInfo>('/api/pulls', request),
  cancelPull: (name: string) =>
    ask<PullInfo>(`/api/pulls/${encodeURIComponent(name)}`, { method: 'DELETE' }),
  training: () => ask<TrainingOverview>('/api/training'),
  trainingRun: (id: string, after: number) =>
    ask<TrainingRun>(`/api/training/${encodeURIComponent(id)}?after=${after}`),
  startTraining: (request: TrainingRequest) => post<TrainingRunInfo>('/api/training', request),
  pauseTraining: (id: string) => post<TrainingRunInfo>(`/api/training/${id}/pause`, {}),
  resumeTraining: (id: string) => post<TrainingRunInfo>(`/api/training/${id}/resume`, {}),
  removeTraining: (id: string) => ask<null>(`/api/training/${id}`, { method: 'DELETE' }),
  jobs: (limit: number) => ask<JobList>(`/api/jobs?limit=${limit}`),
  job: (id: string) => ask<JobInfo>(`/api/jobs/${id}`),
  cancelJob: (id: string) => ask<JobInfo>(`/api/jobs/${id}`, { method: 'DELETE' }),
  addJob: (request: JobRequest) => post<JobInfo>('/api/jobs', request),
  addPicture: (file: File) =>
    ask<PictureInfo>(`/api/pictures?name=${encodeURIComponent(file.name)}`, {
      method: 'POST',
      headers: { 'Content-Type': file.type || 'application/octet-stream' },
      body: file,
    }),
};

/** Middle square of a picture, `size` pixels wide: 16 to 512. */
export const pictureUrl = (id: string, size: number): string => `/api/pictures/${id}?size=${size}`;

/** A picture of a job's result. */
export const jobFileUrl = (job: string, name: string): string => `/api/jobs/${job}/files/${name}`;

/** Everything of a job's result as one page. */
export const jobReportUrl = (job: string): string => `/api/jobs/${job}/report.html`;

export const jobNumbersUrl = (job: string): string => `/api/jobs/${job}/result.json`;

export const patchUrl = (concepts: string, file: string): string =>
  `/api/concepts/${encodeURIComponent(concepts)}/files/${file}`;

/** Sample pictures of a run of training. */
export const sampleUrl = (run: string, file: string): string =>
  `/api/training/${encodeURIComponent(run)}/samples/${file}`;

export const reportUrl = (name: string): string => `/api/reports/${encodeURIComponent(name)}`;

function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return ask<Answer>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ask<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch(() => {
    throw new ApiError(0, 'The studio does not answer. Is featinv serve still running?');
  });
  if (response.ok) return (response.status === 204 ? null : await response.json()) as Answer;
  throw new ApiError(response.status, asSentence(await readError(response)));
}

async function readError(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as ErrorBody).error;
  } catch {
    return `the studio answered with status ${response.status}`;
  }
}

/** The server's sentences begin small, as they do in a terminal behind `featinv:`. */
function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
