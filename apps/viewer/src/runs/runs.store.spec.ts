import type { RunInfo } from '@gradstream/protocol';
import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import type { RunSource } from '../server/source.ts';
import { runsStore, withRecent } from './runs.store.ts';

const run = (id: string, heartbeat: number, created = 0): RunInfo => ({ id, project: 'p', name: id, state: 'running', attempt: 0, created, heartbeat, lsn: 0, tags: {}, summary: {} });

describe('the list of runs', () => {
  function started(part: Partial<RunSource>) {
    const ticks$ = new Subject<void>();
    const clock = { now: 1_000_000 };
    const source: RunSource = { list: () => NEVER, recent: () => NEVER, curves: () => NEVER, detail: () => NEVER, watch: () => NEVER, steer: () => EMPTY, patch: () => EMPTY, remove: () => EMPTY, ...part };
    const store = runsStore(source, ticks$, () => clock.now);
    const leave = store.subscribe(() => undefined);
    return { store, leave, clock, tick: () => ticks$.next() };
  }

  it('is read whole at first, then only what was heard of since, and whole again after half a minute', () => {
    const asked: (string | number)[] = [];
    const { store, leave, clock, tick } = started({
      list: () => { asked.push('whole'); return of([run('b', 5), run('a', 9)]); },
      recent: (after) => { asked.push(after); return of([run('c', 12, 1), run('a', 11)]); },
    });
    tick();
    expect(store.value.runs.map(({ id }) => id)).toEqual(['b', 'a']);
    tick();
    expect(store.value.runs.map(({ id, heartbeat }) => `${id}${heartbeat}`)).toEqual(['c12', 'b5', 'a11']);
    tick();
    clock.now += 30_000;
    tick();
    expect(asked).toEqual(['whole', 9, 12, 'whole']);
    leave();
  });

  it('stays when asking fails, and is read whole when the server is back', () => {
    let down = false;
    const asked: string[] = [];
    const { store, leave, tick } = started({ list: () => { asked.push('whole'); return of([run('a', 1)]); }, recent: () => (down ? throwError(() => new Error('away')) : of([])) });
    tick();
    down = true;
    tick();
    expect(store.value).toMatchObject({ status: 'failed', error: 'away', runs: [{ id: 'a' }] });
    down = false;
    tick();
    expect([store.value.status, asked.length]).toEqual(['ready', 2]);
    leave();
  });

  it('is the same object while nothing was heard', () => {
    const runs = [run('a', 1)];
    expect(withRecent(runs, [])).toBe(runs);
  });
});
