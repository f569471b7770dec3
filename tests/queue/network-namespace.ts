import { execFileSync, spawnSync } from 'node:child_process';

/** Whether networks can be made here: as root, with iproute2. */
export const canMakeNetworks = (): boolean =>
  process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list'], { stdio: 'ignore' }).status === 0;

/** A network of its own for some processes, with one cable to this machine that can be pulled. */
export class NetworkNamespace {
  private readonly cable: string;

  constructor(private readonly name = `featinv-${process.pid}`) {
    this.cable = `fv${process.pid}`;
    ip('netns', 'add', name);
    ip('link', 'add', this.cable, 'type', 'veth', 'peer', 'name', 'inside', 'netns', name);
    ip('addr', 'add', `${this.gateway}/30`, 'dev', this.cable);
    ip('-n', name, 'addr', 'add', '10.213.77.2/30', 'dev', 'inside');
    ip('-n', name, 'link', 'set', 'inside', 'up');
    this.connect();
  }

  /** This machine's address, seen from inside. */
  get gateway(): string {
    return '10.213.77.1';
  }

  /** What to put before a command that is to run inside. */
  get wrapper(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  connect(): void {
    ip('link', 'set', this.cable, 'up');
  }

  disconnect(): void {
    ip('link', 'set', this.cable, 'down');
  }

  remove(): void {
    ip('netns', 'del', this.name);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
