import { useCallback, useSyncExternalStore } from 'react';
import { type Observable, share, tap, timer } from 'rxjs';

/** A value that changes, as React reads it: `value` stays the same object until a listener is told. */
export interface Store<T> {
  readonly value: T;
  subscribe(listener: () => void): () => void;
}

/** Runs a stream while somebody looks, and for a second after the last one left, so that a remount does not start it twice. */
export function storeOf<T>(initial: T, source$: Observable<T>): Store<T> {
  let value = initial;
  const shared$ = source$.pipe(tap((next) => { value = next; }), share({ resetOnRefCountZero: () => timer(1_000) }));
  return {
    get value() {
      return value;
    },
    subscribe: (listener) => {
      const subscription = shared$.subscribe(() => listener());
      return () => subscription.unsubscribe();
    },
  };
}

/** The one bridge from streams to React. */
export function useStore<T>(store: Store<T>): T {
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  return useSyncExternalStore(subscribe, () => store.value);
}
