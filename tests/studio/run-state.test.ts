import { describe, expect, it } from 'vitest';
import type { JobInfo, JobStep } from '../../src/server/api.js';
import {
  describeRun,
  idle,
  isBusy,
  noteOf,
  runReducer,
  type RunEvent,
  type RunState,
  shareDone,
} from '../../studio/src/state/run-state.js';

const job = (change: Partial<JobInfo> = {}): JobInfo => ({
  id: 'x',
  kind: 'look',
  request: { kind: 'look', picture: 'f'.repeat(64), inverter: 'tiny' },
  state: 'queued',
  createdAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

const step: JobStep = {
  role: 'drawn',
  done: 1,
  steps: 4,
  pictures: [{ seed: 100, image: 'data:image/png;base64,' }],
};

const after = (...events: RunEvent[]): RunState => events.reduce(runReducer, idle);

describe('the state of a run', () => {
  it('goes from asking over waiting and drawing to the result', () => {
    const asked: RunEvent = { type: 'asked' };
    const waiting: RunEvent = { type: 'state', job: job({ position: 2 }) };
    const running: RunEvent = { type: 'state', job: job({ state: 'running' }) };
    const progress = { done: 1, total: 4, note: 'step 1 of 4' };
    const done: RunEvent = {
      type: 'state',
      job: job({ state: 'done', result: { kind: 'concepts', name: 'x', seconds: 1.25 } }),
    };
    expect(isBusy(idle)).toBe(false);
    expect(isBusy(after(asked))).toBe(true);
    expect(describeRun(after(asked, waiting))).toBe('Waiting for 2 jobs.');
    expect(shareDone(after(asked, waiting))).toBeUndefined();
    const drawing = after(asked, waiting, running, { type: 'progress', progress });
    expect(noteOf(drawing)).toBe('step 1 of 4');
    expect([describeRun(drawing), shareDone(drawing), isBusy(drawing)]).toEqual([
      'Drawing …',
      0.25,
      true,
    ]);
    const end = after(asked, waiting, running, { type: 'step', step }, done);
    expect(noteOf(end)).toBe('');
    expect([describeRun(end), isBusy(end)]).toEqual(['Done in 1.3 seconds.', false]);
  });

  it('keeps the newest pictures until the job waits again, as after a restart', () => {
    const running: RunEvent = { type: 'state', job: job({ state: 'running' }) };
    const drawing = after(running, { type: 'step', step }, running);
    expect(drawing).toMatchObject({ steps: { drawn: step } });
    expect(runReducer(drawing, { type: 'state', job: job() })).toMatchObject({ steps: {} });
  });

  it('says that the studio is away, and that it is back', () => {
    const running: RunEvent = { type: 'state', job: job({ state: 'running' }) };
    const away = after(running, { type: 'connection', isConnected: false });
    expect(describeRun(away)).toMatch(/does not answer/);
    expect(isBusy(away)).toBe(true);
    expect(describeRun(runReducer(away, running))).toBe('Drawing …');
  });

  it('tells refusals, failures and what was cancelled', () => {
    const refused = after({ type: 'refused', message: '32 jobs are waiting already.' });
    expect([describeRun(refused), isBusy(refused)]).toEqual([
      '32 jobs are waiting already.',
      false,
    ]);
    const failed: RunEvent = { type: 'state', job: job({ state: 'failed', error: 'no memory' }) };
    expect(describeRun(after(failed))).toBe('It failed: no memory');
    const cancelled: RunEvent = { type: 'state', job: job({ state: 'cancelled' }) };
    expect(describeRun(after(cancelled))).toBe('Cancelled.');
  });

  it('is not changed by what belongs to no job', () => {
    const progress = { done: 1, total: 4, note: '' };
    expect(after({ type: 'progress', progress })).toBe(idle);
    expect(after({ type: 'step', step })).toBe(idle);
    expect(after({ type: 'connection', isConnected: false })).toBe(idle);
  });
});
