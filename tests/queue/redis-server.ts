import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

/** Whether the tests of the queue can run. */
export const hasRedis = (): boolean =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** Certificate and key of a server, as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

interface RedisOptions {
  readonly password?: string;
  /** Further addresses of this machine where it answers. */
  readonly addresses?: readonly string[];
  /** Answers encrypted connections only. */
  readonly tls?: Certificate;
}

/** A Redis of its own, which keeps what it is told on disk (append-only file). */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    /** What it writes to disk. */
    readonly directory: string,
    private readonly port: number,
    private readonly options: RedisOptions,
  ) {}

  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const directory = mkdtempSync(path.join(tmpdir(), 'featinv-redis-'));
    const server = new RedisServer(directory, await freePort(), options);
    await server.resume();
    return server;
  }

  get url(): string {
    return this.urlAt('127.0.0.1');
  }

  urlAt(address: string): string {
    return `redis${this.options.tls ? 's' : ''}://${address}:${this.port}`;
  }

  /** Starts it again after `kill`. */
  async resume(): Promise<void> {
    const { password, addresses = [], tls } = this.options;
    const port = String(this.port);
    this.child = spawn(
      'redis-server',
      [
        ...(tls
          ? [
              ...['--port', '0', '--tls-port', port, '--tls-auth-clients', 'no'],
              ...['--tls-cert-file', tls.certificate, '--tls-key-file', tls.key],
              ...['--tls-ca-cert-file', tls.certificate],
            ]
          : ['--port', port]),
        ...['--bind', '127.0.0.1', ...addresses, '--dir', this.directory, '--protected-mode', 'no'],
        ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
        ...(password === undefined ? [] : ['--requirepass', password]),
      ],
      { stdio: 'ignore' },
    );
    const redis = new Redis({
      ...{ host: '127.0.0.1', port: this.port, retryStrategy: () => 50 },
      ...(password !== undefined && { password }),
      ...(tls && { tls: { ca: readFileSync(tls.certificate) } }),
    });
    redis.on('error', () => undefined);
    await redis.ping();
    redis.disconnect();
  }

  /** As a crash of the machine would. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child) return;
    this.child = undefined;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
