import type { ReactNode } from 'react';

export interface WorkbenchProps {
  readonly title: string;
  /** What one sees here, in a sentence or two. */
  readonly lead: ReactNode;
  /** What people set first, and the button that begins. */
  readonly controls: ReactNode;
  /** What can stay as it is; on narrow screens it follows the result. */
  readonly more: ReactNode;
  readonly children: ReactNode;
}

/** A page with settings beside what they give. */
export function Workbench({ title, lead, controls, more, children }: WorkbenchProps) {
  return (
    <section className="page">
      <h1>{title}</h1>
      <p className="lead">{lead}</p>
      <div className="workbench">
        <section className="controls" aria-label="Settings">
          {controls}
        </section>
        <section className="results" aria-label="Result">
          {children}
        </section>
        <section className="controls" aria-label="More settings">
          {more}
        </section>
      </div>
    </section>
  );
}
