/** Where the time goes: ONNX Runtime's own profile of every session of a process, by type of op. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { alignColumns } from './table.js';

/** As ONNX Runtime writes them; durations are microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** One type of op in all runs of a session. */
export interface OpTime {
  readonly op: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/** Ops by time, the longest first. */
export function timesByOp(events: readonly ProfileEvent[]): OpTime[] {
  const times = new Map<string, { milliseconds: number; calls: number }>();
  for (const { cat, name, dur, args } of events) {
    const op = args?.op_name;
    if (cat !== 'Node' || op === undefined || !name.endsWith('_kernel_time')) continue;
    const known = times.get(op) ?? { milliseconds: 0, calls: 0 };
    times.set(op, { milliseconds: known.milliseconds + dur / 1e3, calls: known.calls + 1 });
  }
  return [...times]
    .map(([op, time]) => ({ op, ...time }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Profiles all sessions that this process makes from now on; the result prints what they did. */
export function profileSessions(): () => void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'featinv-profile-'));
  const sessions: ort.InferenceSession[] = [];
  const create = ort.InferenceSession.create.bind(ort.InferenceSession) as (
    model: Uint8Array,
    options: ort.InferenceSession.SessionOptions,
  ) => Promise<ort.InferenceSession>;
  const profiled: typeof create = async (model, options) => {
    const profileFilePrefix = path.join(folder, String(sessions.length));
    const session = await create(model, { ...options, enableProfiling: true, profileFilePrefix });
    sessions.push(session);
    return session;
  };
  Object.assign(ort.InferenceSession, { create: profiled });
  return () => {
    for (const session of sessions) session.endProfiling();
    for (const file of readdirSync(folder)) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      process.stderr.write(describeProfile(JSON.parse(text) as ProfileEvent[]));
    }
    rmSync(folder, { recursive: true });
  };
}

/** Ops that take less than this share of a run are left out. */
const SHOWN = 0.005;

function describeProfile(events: readonly ProfileEvent[]): string {
  const runs = events.filter(({ name }) => name === 'model_run').length;
  const ops = timesByOp(events);
  const total = ops.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (runs === 0 || total === 0) return '';
  const rows = ops
    .filter(({ milliseconds }) => milliseconds >= SHOWN * total)
    .map(({ op, milliseconds, calls }) => [
      op,
      (milliseconds / runs).toFixed(2),
      `${((100 * milliseconds) / total).toFixed(1)} %`,
      String(calls / runs),
    ]);
  return `${alignColumns([['op', 'ms a run', 'share', 'calls a run'], ...rows])}\n\n`;
}
