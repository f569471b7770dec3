import { setTimeout as wait } from 'node:timers/promises';

/** Waits until something is so, which others bring about. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  seconds = 120,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`after ${seconds} s: not ${what}`);
    await wait(50);
  }
}
