import { homedir } from 'node:os';
import path from 'node:path';

/** The folder of what users fetch or put there: `FEATINV_HOME`, or `.cache/featinv` in their home. */
export function featinvHome(): string {
  const given = process.env['FEATINV_HOME'];
  return given ? path.resolve(given) : path.join(homedir(), '.cache', 'featinv');
}
