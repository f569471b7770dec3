import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Speaks as much of S3's protocol as a storage needs: PUT, GET, HEAD and lists in pages. */
export class S3Server {
  readonly objects = new Map<string, Buffer>();
  /** Keys in one page of a list. */
  pageSize = 2;
  /** Answers that are still to be refused as overloaded. */
  refusals = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<S3Server> {
    const server = createServer();
    const s3 = new S3Server(server);
    server.on('request', (request, response) => {
      void body(request).then((bytes) => {
        const url = new URL(request.url!, 'http://s3');
        const { status, content } = s3.answer(request.method!, url, bytes);
        response.writeHead(status, { 'content-length': content.length });
        response.end(request.method === 'HEAD' ? undefined : content);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return s3;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(method: string, url: URL, bytes: Buffer): { status: number; content: Buffer } {
    if (this.refusals > 0) {
      this.refusals -= 1;
      return { status: 503, content: Buffer.from('<Error><Code>SlowDown</Code></Error>') };
    }
    const key = decodeURIComponent(url.pathname).slice(1);
    if (method === 'PUT') {
      this.objects.set(key, bytes);
      return { status: 200, content: Buffer.alloc(0) };
    }
    if (method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204, content: Buffer.alloc(0) };
    }
    if (url.searchParams.has('list-type')) return this.page(key, url.searchParams);
    const object = this.objects.get(key);
    if (object) return { status: 200, content: object };
    return { status: 404, content: Buffer.from('<Error><Code>NoSuchKey</Code></Error>') };
  }

  private page(bucket: string, query: URLSearchParams): { status: number; content: Buffer } {
    const prefix = `${bucket.replace(/\/$/, '')}/${query.get('prefix')}`;
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const start = Number(query.get('continuation-token') ?? 0);
    const end = start + this.pageSize;
    const contents = keys
      .slice(start, end)
      .map((key) => `<Contents><Key>${key.slice(key.indexOf('/') + 1)}</Key></Contents>`);
    const next =
      end < keys.length
        ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${end}</NextContinuationToken>`
        : '<IsTruncated>false</IsTruncated>';
    return {
      status: 200,
      content: Buffer.from(`<ListBucketResult>${contents.join('')}${next}</ListBucketResult>`),
    };
  }
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
