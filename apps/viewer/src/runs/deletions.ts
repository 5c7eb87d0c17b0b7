import type { RunSource } from '../server/source.ts';
import type { Store } from '../view/store.ts';

/** Runs that somebody deleted and may still take back. */
export interface Deletions {
  readonly ids: ReadonlySet<string>;
  /** Those that are about to go; empty when nothing can be taken back. */
  readonly pending: readonly string[];
  /** Why the server did not delete. */
  readonly failure?: string;
}

/** How long a deletion can be taken back. */
export const undoMs = 8_000;

/** Deletes after a while, so that it can be undone: a run is hidden at once, and nothing has happened to it yet. */
export class DeletionStore implements Store<Deletions> {
  #value: Deletions = { ids: new Set(), pending: [] };
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #source: Pick<RunSource, 'remove'>;

  constructor(source: Pick<RunSource, 'remove'>) {
    this.#source = source;
  }

  get value(): Deletions {
    return this.#value;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Hides runs and deletes them in a while; what was pending before goes now. */
  delete(ids: readonly string[]): void {
    this.commit();
    this.#set({ ids: new Set([...this.#value.ids, ...ids]), pending: ids });
    this.#timer = setTimeout(() => this.commit(), undoMs);
  }

  undo(): void {
    clearTimeout(this.#timer);
    this.#forget(this.#value.pending, {});
  }

  /** Deletes what is pending now. */
  commit(): void {
    clearTimeout(this.#timer);
    const { pending } = this.#value;
    if (pending.length === 0) return;
    this.#set({ ...this.#value, pending: [] });
    for (const id of pending) this.#source.remove(id).subscribe({ error: (error: Error) => this.#forget([id], { failure: error.message }) });
  }

  #forget(some: readonly string[], more: Partial<Deletions>): void {
    this.#set({ ids: new Set([...this.#value.ids].filter((id) => !some.includes(id))), pending: this.#value.pending.filter((id) => !some.includes(id)), ...more });
  }

  #set(value: Deletions): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }
}
