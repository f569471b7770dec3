/** Which page is shown, with its parameters: the browser's address and history, held in memory too. */
import { useSyncExternalStore } from 'react';

/** Browsers allow few changes of the address in a row; a slider makes many. */
const WRITE_MS = 300;

const listeners = new Set<() => void>();
/** The last address of each page: its menu entry leads back there. */
const visited = new Map<string, string>();
let current = addressOfBar();
let writing: number | undefined;
let written = -Infinity;

window.addEventListener('popstate', () => {
  window.clearTimeout(writing);
  show(addressOfBar());
});
window.addEventListener('pagehide', flush);
visited.set(pathOf(current), current);

/** Path and parameters of the page that is shown. */
export function useAddress(): { readonly path: string; readonly search: string } {
  const address = useSyncExternalStore(subscribe, () => current);
  return { path: pathOf(address), search: address.slice(pathOf(address).length) };
}

/** `replace` changes the place in the browser's history that `push` has made. */
export function navigate(address: string, how: 'push' | 'replace'): void {
  if (address === current) return;
  if (how === 'push') {
    flush();
    history.pushState(null, '', address);
  } else {
    window.clearTimeout(writing);
    const wait = written + WRITE_MS - performance.now();
    writing = window.setTimeout(flush, Math.max(0, wait));
  }
  show(address);
}

export const lastAddress = (path: string): string => visited.get(path) ?? path;

function flush(): void {
  window.clearTimeout(writing);
  written = performance.now();
  if (addressOfBar() !== current) history.replaceState(null, '', current);
}

function show(address: string): void {
  current = address;
  visited.set(pathOf(address), address);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function addressOfBar(): string {
  return `${location.pathname}${location.search}`;
}

function pathOf(address: string): string {
  return address.split('?')[0]!;
}
