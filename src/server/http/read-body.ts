import type { Context } from 'hono';
import { HttpProblem } from './http-problem.js';

/** No request has more than a few. */
const MOST_LEVELS = 16;

/** The body's bytes. Throws HttpProblem as soon as there are more than `most`, whatever was announced. */
export async function readBody(context: Context, most: number, what: string): Promise<Uint8Array> {
  const tooLarge = (): HttpProblem =>
    new HttpProblem(413, `${what} is larger than ${sizeInWords(most)}: give a smaller one`);
  if (Number(context.req.header('content-length') ?? 0) > most) throw tooLarge();
  const body: AsyncIterable<Uint8Array> | null = context.req.raw.body;
  const pieces: Uint8Array[] = [];
  let length = 0;
  if (body) {
    for await (const piece of body) {
      length += piece.length;
      if (length > most) throw tooLarge();
      pieces.push(piece);
    }
  }
  return Buffer.concat(pieces);
}

/** Throws HttpProblem unless the body is announced as JSON, is, and is not nested without end. */
export async function readJson(context: Context, most: number): Promise<unknown> {
  checkType(context, /^application\/json$/, 'application/json');
  const bytes = await readBody(context, most, 'the request');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new HttpProblem(400, 'the request is not valid JSON: send one JSON object');
  }
  if (isDeeper(value, MOST_LEVELS)) {
    throw new HttpProblem(400, `the request is nested in more than ${MOST_LEVELS} levels`);
  }
  return value;
}

/** Walks level by level: what checks the value later on walks it by recursion. */
function isDeeper(value: unknown, levels: number): boolean {
  const isNested = (one: unknown): one is object => typeof one === 'object' && one !== null;
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= levels) return true;
    level = level.flatMap((one) => Object.values(one) as unknown[]).filter(isNested);
  }
  return false;
}

/** Throws HttpProblem for a body of another type: forms of other sites can only send theirs. */
export function checkType(context: Context, wanted: RegExp, inWords: string): void {
  const type = (context.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (wanted.test(type)) return;
  throw new HttpProblem(
    415,
    `Content-Type must be ${inWords}, got ${type === '' ? 'none' : `"${type}"`}`,
  );
}

function sizeInWords(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.round(bytes / 2 ** 10)} KiB` : `${bytes / 2 ** 20} MiB`;
}
