import { existsSync } from 'node:fs';

const PLACES: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Whether the browser tests can run; a browser that is named and does not exist makes them fail. */
export function hasChromium(named: string | undefined, places = PLACES): boolean {
  return named !== undefined || places.some((place) => existsSync(place));
}

/** `named` is the only one that will do where it is given. */
export function findChromium(named: string | undefined, places = PLACES): string {
  const found = (named === undefined ? places : [named]).find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    named === undefined
      ? 'The studio’s tests need Chromium: install it (Debian: apt-get install chromium), ' +
          'or give its path in the environment variable CHROMIUM.'
      : `CHROMIUM names ${named}, which does not exist: give the path of a Chromium, or leave it out.`,
  );
}
