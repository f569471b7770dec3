import type { ReactNode } from 'react';

/** A sentence that needs attention; errors are read out at once. */
export function Notice({ kind, children }: { kind: 'error' | 'hint'; children: ReactNode }) {
  return (
    <div className={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'note'}>
      {children}
    </div>
  );
}

/** What was wrong with the page's address. */
export function AddressProblems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <Notice kind="hint">
      {problems.map((problem) => (
        <p key={problem}>{problem} The usual value is shown instead.</p>
      ))}
    </Notice>
  );
}
