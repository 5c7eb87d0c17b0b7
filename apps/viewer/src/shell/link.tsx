import type { MouseEvent, ReactNode } from 'react';
import { formatView, type View } from '../view/view.model.ts';
import { show } from '../view/view.store.ts';

/** A link to another view: an ordinary address, followed without loading the page again. */
export function Link({ to, children, className, current, label }: { readonly to: View; readonly children: ReactNode; readonly className?: string; readonly current?: boolean; readonly label?: string }) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(to);
  };
  return <a href={`${location.pathname}${formatView(to)}`} onClick={follow} className={className} aria-current={current ? 'page' : undefined} aria-label={label}>{children}</a>;
}
