import type { MouseEvent, ReactNode } from 'react';
import { navigate } from '../router.js';

export interface LinkProps {
  readonly to: string;
  readonly className?: string;
  /** Whether it leads to the page that is shown. */
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** A link within the studio: the page changes without being loaded anew. */
export function Link({ to, className, isCurrent = false, children }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    const opensElsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (opensElsewhere || event.button !== 0) return;
    event.preventDefault();
    navigate(to, 'push');
    window.scrollTo(0, 0);
  };
  return (
    <a
      href={to}
      className={className}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}
