import type { ReactNode } from 'react';

export interface WorkbenchProps {
  readonly title: string;
  /** What one sees here, in a sentence or two. */
  readonly lead: ReactNode;
  readonly controls: ReactNode;
  readonly children: ReactNode;
}

/** A page with settings beside what they give. */
export function Workbench({ title, lead, controls, children }: WorkbenchProps) {
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
      </div>
    </section>
  );
}
