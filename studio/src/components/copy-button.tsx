import { useState } from 'react';

const SHOWN_MS = 2000;

/** Puts a text into the clipboard, and says so. */
export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const [said, setSaid] = useState<string | null>(null);
  const say = (sentence: string): void => {
    setSaid(sentence);
    window.setTimeout(() => setSaid(null), SHOWN_MS);
  };
  const copy = (): void => {
    // Browsers give the clipboard to secure pages only: those of this machine are, others' are not.
    const writing = window.isSecureContext
      ? navigator.clipboard.writeText(text())
      : Promise.reject(new Error('no clipboard'));
    writing.then(
      () => say('Copied'),
      () => window.prompt('Copy it from here:', text()),
    );
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
