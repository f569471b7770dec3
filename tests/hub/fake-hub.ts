/**
 * Hugging Face and figshare on this machine: the hub's API, downloads that lead to a second server (the
 * CDN) and understand ranges, and faults on request.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HubSettings } from '../../src/hub/index.js';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

interface FakeRepository {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly licence?: string;
  /** Status of everything for those without the right token. */
  readonly closed?: 401 | 403;
  /** Listed instead of the true hash. */
  readonly wrongHash?: boolean;
}

export type Fault =
  | { readonly status: number; readonly retryAfter?: string }
  /** Sends so many bytes of the body, then cuts the connection. */
  | { readonly breakAfter: number }
  /** Ignores the range that was asked for. */
  | { readonly whole: true };

export interface SeenRequest {
  readonly server: 'hub' | 'cdn';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export class FakeHub {
  readonly repositories = new Map<string, FakeRepository>();
  readonly articles = new Map<number, unknown>();
  /** Served by the CDN, by path. */
  readonly files = new Map<string, Buffer>();
  readonly seen: SeenRequest[] = [];
  /** Consumed one a request, by the server that suffers them. */
  readonly faults: Record<'hub' | 'cdn', Fault[]> = { hub: [], cdn: [] };
  token = 'hf_right';
  private readonly hub = createServer((request, response) => this.answerHub(request, response));
  private readonly cdn = createServer((request, response) => this.answerCdn(request, response));

  async start(): Promise<this> {
    for (const server of [this.hub, this.cdn]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return this;
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  get endpoint(): string {
    return addressOf(this.hub);
  }

  get cdnAddress(): string {
    return addressOf(this.cdn);
  }

  settings(changes: Partial<HubSettings> = {}): HubSettings {
    return {
      endpoint: this.endpoint,
      figshare: `${this.endpoint}/figshare`,
      token: undefined,
      offline: false,
      retry: { attempts: 3, firstDelayMs: 5 },
      ...changes,
    };
  }

  private answerHub(request: IncomingMessage, response: ServerResponse): void {
    const url = this.note('hub', request);
    const fault = this.faults.hub.shift();
    if (fault && 'status' in fault) return refuse(response, fault.status, fault.retryAfter);
    const figshare = /^\/figshare\/articles\/(\d+)$/.exec(url.pathname);
    if (figshare) {
      const article = this.articles.get(Number(figshare[1]));
      return article === undefined ? refuse(response, 404) : json(response, article);
    }
    const [, name = ''] = /^(?:\/api\/models)?\/([^/]+\/[^/]+)/.exec(url.pathname) ?? [];
    const repository = this.repositories.get(name);
    // Hugging Face does not tell strangers what exists.
    if (!repository) return refuse(response, request.headers.authorization ? 404 : 401);
    if (repository.closed && request.headers.authorization !== `Bearer ${this.token}`) {
      return refuse(response, repository.closed);
    }
    const rest = url.pathname.slice(url.pathname.indexOf(name) + name.length);
    if (/^\/revision\/\w+$/.test(rest)) {
      return json(response, {
        ...{ _id: '1', id: name, sha: COMMIT, gated: false, private: false },
        ...{ lastModified: '2024-01-01T00:00:00.000Z', downloads: 1, likes: 1 },
        cardData: { license: repository.licence },
      });
    }
    if (rest === `/tree/${COMMIT}`) return this.listPage(url, name, repository, response);
    const path = decodeURIComponent(rest.replace(`/resolve/${COMMIT}/`, ''));
    const content = repository.files[path];
    if (!content) return refuse(response, 404);
    this.files.set(`/${name}/${path}`, content);
    response.writeHead(302, {
      location: `${this.cdnAddress}/${name}/${path}?signature=secret`,
      'x-repo-commit': COMMIT,
      'x-linked-size': String(content.length),
      'x-linked-etag': `"${sha256(content)}"`,
    });
    response.end();
  }

  /** Two entries a page, as long lists come. */
  private listPage(url: URL, name: string, repository: FakeRepository, response: ServerResponse) {
    const entries = Object.entries(repository.files).map(([path, content]) => ({
      type: 'file',
      path,
      size: content.length,
      oid: gitHash(content),
      ...(content.length > 100 && {
        lfs: {
          oid: repository.wrongHash ? sha256(Buffer.from('another')) : sha256(content),
          size: content.length,
          pointerSize: 134,
        },
      }),
    }));
    const from = Number(url.searchParams.get('cursor') ?? 0);
    if (from + 2 < entries.length) {
      const next = `${this.endpoint}/api/models/${name}/tree/${COMMIT}?cursor=${from + 2}`;
      response.setHeader('link', `<${next}>; rel="next"`);
    }
    json(response, [
      { type: 'directory', path: 'unet', size: 0 },
      ...entries.slice(from, from + 2),
    ]);
  }

  private answerCdn(request: IncomingMessage, response: ServerResponse): void {
    const url = this.note('cdn', request);
    const fault = this.faults.cdn.shift();
    if (fault && 'status' in fault) return refuse(response, fault.status, fault.retryAfter);
    const content = this.files.get(decodeURIComponent(url.pathname));
    if (!content) return refuse(response, 404);
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const start = fault && 'whole' in fault ? 0 : Number(asked ?? 0);
    if (start >= content.length) return refuse(response, 416);
    const body = content.subarray(start);
    const ranged = asked !== undefined && start === Number(asked);
    response.writeHead(ranged ? 206 : 200, {
      'content-length': body.length,
      ...(ranged && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    if (!fault || !('breakAfter' in fault)) return void response.end(body);
    response.write(body.subarray(0, fault.breakAfter), () => response.destroy());
  }

  private note(server: 'hub' | 'cdn', request: IncomingMessage): URL {
    const { range, authorization } = request.headers;
    this.seen.push({ server, path: request.url!, range, authorization });
    return new URL(request.url!, this.endpoint);
  }
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function refuse(response: ServerResponse, status: number, retryAfter?: string): void {
  response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
  response.end('no');
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

export const sha256 = (content: Buffer): string =>
  createHash('sha256').update(content).digest('hex');

const gitHash = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
