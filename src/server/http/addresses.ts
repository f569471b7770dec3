/** Under which names this server may be asked for: the defence against DNS rebinding. */
import { hostname, networkInterfaces } from 'node:os';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'] as const;
const EVERYWHERE = ['0.0.0.0', '::', '[::]'];

/** Whether only programs of this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|::1|\[::1\])$/.test(host);
}

/** An address as it stands in URLs. */
export function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** A name under which people reach what listens at `host`. */
export function shownHost(host: string): string {
  if (!EVERYWHERE.includes(host)) return urlHost(host);
  const outer = ownAddresses().find(({ internal, family }) => !internal && family === 'IPv4');
  return outer?.address ?? LOOPBACK[0];
}

const ownAddresses = () =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);

/** Values that the Host header may have: names and addresses of what the server is bound to. */
export function allowedHosts(host: string, port: number): ReadonlySet<string> {
  const names = new Set<string>(LOOPBACK);
  names.add(urlHost(host).toLowerCase());
  if (EVERYWHERE.includes(host)) {
    names.add(hostname().toLowerCase());
    for (const { address } of ownAddresses()) names.add(urlHost(address).toLowerCase());
  }
  // Browsers leave the port of http out.
  return new Set([...names].flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]));
}
