import { useCallback, useEffect, useRef, useState } from 'react';
import type { TrainingOverview, TrainingPoint, TrainingRun } from '../../../src/server/api.js';
import { api } from '../api/client.js';

const WATCH_MS = 1_000;
/** Runs of other processes may begin at any time. */
const REST_MS = 10_000;

export const isUnderWay = ({ state }: Pick<TrainingRun, 'state'>): boolean =>
  ['starting', 'running', 'pausing', 'elsewhere'].includes(state);

export interface Training {
  /** Null until the server has answered. */
  readonly overview: TrainingOverview | null;
  /** Why the last wish was refused, or that the studio does not answer. */
  readonly problem: string | null;
  /** Asks for something and looks at what has become of it. */
  readonly wish: <Answer>(asking: Promise<Answer>, then?: (answer: Answer) => void) => void;
}

/** All runs, looked at again every moment while one is under way. */
export function useTraining(): Training {
  const [overview, setOverview] = useState<TrainingOverview | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const look = useCallback(async (): Promise<number> => {
    const found = await api.training();
    setOverview(found);
    return found.runs.some(isUnderWay) ? WATCH_MS : REST_MS;
  }, []);
  const { again } = useWatch(look, setProblem);
  return {
    overview,
    problem,
    wish: (asking, then) => {
      asking.then(
        (answer) => {
          setProblem(null);
          then?.(answer);
          again();
        },
        (error: Error) => setProblem(error.message),
      );
    },
  };
}

/** One run with all its points; those that are known are not asked for again. Null until it is there. */
export function useTrainingRun(id: string | null): TrainingRun | null {
  const [run, setRun] = useState<TrainingRun | null>(null);
  const points = useRef<readonly TrainingPoint[]>([]);
  const look = useCallback(async (): Promise<number> => {
    if (id === null) return REST_MS;
    const after = points.current.length;
    const found = await api.trainingRun(id, after);
    const isAnew = found.total < after;
    points.current = isAnew ? found.points : [...points.current, ...found.points];
    setRun({ ...found, points: points.current });
    return isUnderWay(found) ? WATCH_MS : REST_MS;
  }, [id]);
  useEffect(() => {
    points.current = [];
    setRun(null);
  }, [id]);
  useWatch(look, () => undefined);
  return run?.id === id ? run : null;
}

/** Calls `look` again after as long as it says. */
function useWatch(
  look: () => Promise<number>,
  onProblem: (problem: string | null) => void,
): { again: () => void } {
  const timer = useRef<number>(undefined);
  const isOn = useRef(true);
  const watch = useCallback(async (): Promise<void> => {
    window.clearTimeout(timer.current);
    const wait = await look().then(
      (time) => time,
      (error: Error) => {
        onProblem(error.message);
        return REST_MS / 2;
      },
    );
    window.clearTimeout(timer.current);
    if (isOn.current) timer.current = window.setTimeout(() => void watch(), wait);
  }, [look, onProblem]);
  useEffect(() => {
    isOn.current = true;
    void watch();
    return () => {
      isOn.current = false;
      window.clearTimeout(timer.current);
    };
  }, [watch]);
  return { again: () => void watch() };
}
