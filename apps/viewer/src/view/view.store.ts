import { BehaviorSubject } from 'rxjs';
import { formatView, isAnotherPage, parseView, type View } from './view.model.ts';
import type { Store } from './store.ts';

const current$ = new BehaviorSubject(parseView(location.search));
addEventListener('popstate', () => current$.next(parseView(location.search)));

/** What is shown now; Back and Forward change it too. */
export const view: Store<View> = {
  get value() {
    return current$.value;
  },
  subscribe: (listener) => {
    const subscription = current$.subscribe(() => listener());
    return () => subscription.unsubscribe();
  },
};

/** A slider touches the view faster than browsers let an address change. */
const addressMs = 150;
let due: ReturnType<typeof setTimeout> | undefined;
let writtenAt = -Infinity;

function writeAddress(): void {
  clearTimeout(due);
  due = undefined;
  writtenAt = performance.now();
  history.replaceState(null, '', address(current$.value));
}
addEventListener('pagehide', () => { if (due !== undefined) writeAddress(); });

/** Shows something else and writes it into the address: a new page is a step back and forth, a touch is not. */
export function show(next: View): void {
  const before = current$.value;
  if (formatView(next) === formatView(before)) return;
  if (isAnotherPage(before, next)) {
    if (due !== undefined) writeAddress();
    history.pushState(null, '', address(next));
    current$.next(next);
    scrollTo(0, 0);
    return;
  }
  current$.next(next);
  const wait = writtenAt + addressMs - performance.now();
  if (wait <= 0) writeAddress();
  else due ??= setTimeout(writeAddress, wait);
}

const address = (view: View): string => `${location.pathname}${formatView(view)}`;

/** Changes a part of the view. */
export const touch = (part: Partial<View>): void => show({ ...current$.value, ...part });
