const KEY = 'featinv-browser';

let name: string | undefined;

/** The same in all tabs of this browser, which share its connections; nothing else is told by it. */
export function browserName(): string {
  name ??= storedName();
  return name;
}

function storedName(): string {
  const fresh = [...crypto.getRandomValues(new Uint32Array(4))]
    .map((n) => n.toString(36))
    .join('-');
  try {
    const stored = localStorage.getItem(KEY) ?? fresh;
    localStorage.setItem(KEY, stored);
    return stored;
  } catch {
    // A browser that keeps nothing: this tab stands for itself.
    return fresh;
  }
}
