import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

/** Whether the tests of the queue can run. */
export const hasRedis = (): boolean =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** A Redis of its own, which keeps what it is told on disk (append-only file). */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
    private readonly password: string | undefined,
    private readonly host: string,
  ) {}

  static async start(options: { password?: string; host?: string } = {}): Promise<RedisServer> {
    const directory = mkdtempSync(path.join(tmpdir(), 'featinv-redis-'));
    const host = options.host ?? '127.0.0.1';
    const server = new RedisServer(directory, await freePort(), options.password, host);
    await server.resume();
    return server;
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** Starts it again after `kill`. */
  async resume(): Promise<void> {
    const password = this.password === undefined ? [] : ['--requirepass', this.password];
    const persistence = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    this.child = spawn(
      'redis-server',
      [
        ...['--port', String(this.port), '--bind', this.host, '--dir', this.directory],
        ...['--protected-mode', 'no', ...persistence, ...password],
      ],
      { stdio: 'ignore' },
    );
    const redis = new Redis({
      ...{ host: this.host, port: this.port, retryStrategy: () => 50 },
      ...(this.password !== undefined && { password: this.password }),
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
