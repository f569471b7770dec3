/** The studio's page as it was built: hashed files for long, index.html anew each time. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from 'hono';
import { errorCode } from '../../errors.js';
import { HttpProblem } from './http-problem.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** A file's name or a folder's: nothing that leads out or is hidden. */
const SEGMENT = /^[\w-][\w.-]*$/;
/** Vite puts a hash of the content into these files' names. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/** Answers with a file of `folder`, or with its index.html for the addresses of pages. */
export async function answerPage(context: Context, folder: string): Promise<Response> {
  const { path: wanted } = context.req;
  const segments = wanted.split('/').slice(1);
  const type = TYPES[path.extname(wanted).toLowerCase()];
  if (type !== undefined && segments.every((segment) => SEGMENT.test(segment))) {
    const bytes = await read(path.join(folder, ...segments));
    if (bytes) {
      const kept = HASHED.test(wanted) ? 'public, max-age=31536000, immutable' : 'no-cache';
      return context.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': kept });
    }
  }
  if (path.extname(wanted) !== '') {
    throw new HttpProblem(404, 'there is no such file here: the studio begins at /');
  }
  const index = await read(path.join(folder, 'index.html'));
  if (index)
    return context.body(index, 200, {
      'Content-Type': TYPES['.html']!,
      'Cache-Control': 'no-cache',
    });
  return context.text(
    'The studio’s page has not been built: run `npm run build` in the folder of featinv, then reload.\n',
    503,
  );
}

async function read(file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
