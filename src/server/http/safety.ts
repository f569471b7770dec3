/** What every request passes before it is answered, and what every answer carries. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { HttpProblem } from './http-problem.js';

const PAGE_POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self' data: blob:`,
  `connect-src 'self'`,
  `frame-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

/** Reports bring their styles and pictures with them and run nothing. */
export const REPORT_POLICY = [
  'sandbox',
  `default-src 'none'`,
  `style-src 'unsafe-inline'`,
  `img-src data:`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'self'`,
].join('; ');

/** Of every answer, refusals included, where a route has not set its own. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': PAGE_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(SAFE_HEADERS)) {
    if (!context.res.headers.has(name)) context.header(name, value);
  }
};

/** Refuses requests under a name that is not this server's: a page elsewhere may own that name. */
export function checkHost(allowed: ReadonlySet<string>): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host')?.toLowerCase();
    if (host === undefined || !allowed.has(host)) {
      throw new HttpProblem(
        403,
        `this studio does not answer as "${host ?? ''}": open it under the address that it printed`,
      );
    }
    await next();
  };
}

/**
 * Refuses what pages of other origins ask for: nothing that changes anything without proof that the
 * studio's own page asks, and no answer of the API into another site's page.
 */
export const checkOrigin: MiddlewareHandler = async (context, next) => {
  const { method, path } = context.req;
  const origin = context.req.header('origin');
  const site = context.req.header('sec-fetch-site');
  const isOwn =
    origin === undefined
      ? site === 'same-origin'
      : origin === `http://${context.req.header('host')?.toLowerCase()}`;
  const changes = method !== 'GET' && method !== 'HEAD';
  if (changes && !isOwn) {
    throw new HttpProblem(
      403,
      'only the studio’s own page may ask for this: the header Origin must be the studio’s address',
    );
  }
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (path.startsWith('/api/') && isForeign) {
    throw new HttpProblem(403, 'pages of other addresses may not read what the studio knows');
  }
  await next();
};

/**
 * Lets in who has the token: once in the address, from then on in a cookie that scripts cannot read and
 * other sites cannot send.
 */
export function checkToken(token: string, port: number): MiddlewareHandler {
  // Cookies do not tell ports apart.
  const cookie = `featinv-${port}`;
  return async (context, next) => {
    const given = context.req.query('token');
    if (given !== undefined && isSame(given, token) && context.req.method === 'GET') {
      setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return withoutToken(context);
    }
    if (!isSame(getCookie(context, cookie) ?? '', token)) {
      throw new HttpProblem(
        401,
        'this studio needs its token: open the whole address that it printed, with ?token=',
      );
    }
    await next();
    return undefined;
  };
}

/**
 * A page that goes on to the address without the token. Not a redirect: after a link from elsewhere the
 * browser would not send the new cookie along.
 */
function withoutToken(context: Context): Response {
  const url = new URL(context.req.url);
  url.searchParams.delete('token');
  const target = `${url.pathname.replace(/^\/+/, '/')}${url.search}`
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;');
  return context.html(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>featinv studio</title>` +
      `<meta http-equiv="refresh" content="0;url=${target}"><p><a href="${target}">Open the studio</a></p></html>`,
  );
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
