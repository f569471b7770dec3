import { PerformanceObserver } from 'node:perf_hooks';
import { COMPILATION } from '../../runtime/session.js';

/** Shorter ones are not worth a line. */
const LEAST_MS = 500;

/** Tells of graphs that take long to compile. */
export function noteCompilation(note: (line: string) => void): void {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntriesByName(COMPILATION)) {
      if (duration >= LEAST_MS) note(`a graph was compiled in ${(duration / 1000).toFixed(1)} s`);
    }
  });
  observer.observe({ entryTypes: ['measure'] });
}
