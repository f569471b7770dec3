import { useCallback, useEffect, useRef, useState } from 'react';
import type { PullInfo } from '../../../src/server/api.js';
import { api } from '../api/client.js';

const WATCH_MS = 700;

export interface Pulls {
  readonly of: (name: string) => PullInfo | undefined;
  /** How many have come: what is here has changed. */
  readonly done: number;
  /** Why the last wish was refused, or that the studio does not answer. */
  readonly problem: string | null;
  readonly start: (name: string, agreed: boolean) => void;
  readonly cancel: (name: string) => void;
}

/** What is being fetched. Asked for anew every moment while something is, in whichever tab it was begun. */
export function usePulls(): Pulls {
  const [pulls, setPulls] = useState<readonly PullInfo[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const timer = useRef<number>(undefined);

  const look = useCallback(async (): Promise<void> => {
    window.clearTimeout(timer.current);
    let again = true;
    try {
      const { pulls: found } = await api.pulls();
      setPulls(found);
      setProblem(null);
      again = found.some(isUnderWay);
    } catch (error) {
      setProblem((error as Error).message);
    }
    window.clearTimeout(timer.current);
    if (again) timer.current = window.setTimeout(() => void look(), WATCH_MS);
  }, []);

  useEffect(() => {
    void look();
    return () => window.clearTimeout(timer.current);
  }, [look]);

  const wish = (asking: Promise<PullInfo>): void => {
    asking.then(look, (error: Error) => setProblem(error.message));
  };
  return {
    of: (name) => pulls.find((one) => one.name === name),
    done: pulls.filter(({ state }) => state === 'done').length,
    problem,
    start: (name, agreed) => wish(api.startPull({ name, agreed })),
    cancel: (name) => wish(api.cancelPull(name)),
  };
}

export const isUnderWay = ({ state }: PullInfo): boolean =>
  state === 'waiting' || state === 'running';
