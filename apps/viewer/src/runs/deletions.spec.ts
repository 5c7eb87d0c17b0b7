import { EMPTY, throwError } from 'rxjs';
import { DeletionStore, undoMs } from './deletions.ts';

describe('a deletion', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());
  const started = (fails = false) => {
    const removed: string[] = [];
    const store = new DeletionStore({ remove: (id) => { removed.push(id); return fails ? throwError(() => new Error('not allowed')) : EMPTY; } });
    return { store, removed };
  };

  it('hides at once and deletes after a while', () => {
    const { store, removed } = started();
    store.delete(['a', 'b']);
    expect([[...store.value.ids], store.value.pending, removed]).toEqual([['a', 'b'], ['a', 'b'], []]);
    jest.advanceTimersByTime(undoMs);
    expect([[...store.value.ids], store.value.pending, removed]).toEqual([['a', 'b'], [], ['a', 'b']]);
  });

  it('that is undone never happened', () => {
    const { store, removed } = started();
    store.delete(['a']);
    store.undo();
    jest.advanceTimersByTime(undoMs * 2);
    expect([[...store.value.ids], removed]).toEqual([[], []]);
  });

  it('goes at once when the next one begins', () => {
    const { store, removed } = started();
    store.delete(['a']);
    store.delete(['b']);
    expect([removed, store.value.pending]).toEqual([['a'], ['b']]);
  });

  it('that the server refuses brings the run back and says why', () => {
    const { store } = started(true);
    store.delete(['a']);
    jest.advanceTimersByTime(undoMs);
    expect([[...store.value.ids], store.value.failure]).toEqual([[], 'not allowed']);
  });
});
