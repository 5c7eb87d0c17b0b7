import type { RunDetail } from '@gradstream/protocol';
import { defer, EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { packPoints } from '../server/pack.ts';
import type { RunSource, WatchEvent } from '../server/source.ts';
import { bucketsOf } from './buckets.fixture.ts';
import { watchRuns } from './watch.store.ts';

const detail = (id: string): RunDetail => ({ id, project: 'p', name: id, state: 'running', attempt: 0, created: 0, heartbeat: 0, lsn: 0, tags: {}, summary: {}, duplicates: 0, conflicts: 0 });
const at = { run: 'a', lsn: [1, 1] as [number, number] };
const quiet = { recent: () => NEVER, curves: () => NEVER, patch: () => EMPTY, remove: () => EMPTY };
const start = (part: Partial<RunSource> = {}) => {
  const events$ = new Subject<WatchEvent>();
  const source: RunSource = { list: () => NEVER, detail: (id) => of(detail(id)), watch: () => events$, steer: () => EMPTY, ...quiet, ...part };
  const store = watchRuns(source, ['a', 'b'], () => 99);
  const leave = store.subscribe(() => undefined);
  return { events$, store, leave };
};

describe('watchRuns', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('puts points into the curve of their run, NaN and infinities among them, and leaves out what is absent', () => {
    const { events$, store, leave } = start();
    events$.next(packPoints({ ...at, attempt: 0, t0: 1_000, step: [0, 1, 2], dt: [0, 10, 20], m: { 'train/loss': [1, NaN, Infinity], lr: [0.1, null, 0.2] } }));
    jest.advanceTimersByTime(300);
    const { curves } = store.value.runs[0];
    expect([...curves.curve('train/loss').y]).toEqual([1, NaN, Infinity]);
    expect([...curves.curve('lr').x]).toEqual([0, 2]);
    expect([...curves.curve('lr', 'wall').x]).toEqual([1_000, 1_020]);
    expect(store.value.runs[1].curves.points).toBe(0);
    leave();
  });

  it('says when the line is lost, since when, and when it is back', () => {
    const { events$, store, leave } = start();
    events$.next({ type: 'connection', state: 'live' });
    events$.next({ type: 'connection', state: 'lost' });
    jest.advanceTimersByTime(300);
    expect([store.value.connection, store.value.lostAt]).toEqual(['lost', 99]);
    events$.next({ type: 'connection', state: 'live' });
    jest.advanceTimersByTime(300);
    expect([store.value.connection, store.value.lostAt]).toEqual(['live', undefined]);
    leave();
  });

  it('follows the state of a run and marks what was touched', () => {
    const { events$, store, leave } = start();
    events$.next({ type: 'control', ...at, wall: 0, id: '1', status: 'applied', command: 'set', path: 'learningRate', value: 0.01, step: 7 });
    events$.next({ type: 'state', ...at, wall: 0, state: 'stopped', reason: 'enough' });
    jest.advanceTimersByTime(300);
    expect(store.value.runs[0]).toMatchObject({ state: 'stopped', reason: 'enough', touches: [{ step: 7, label: 'learningRate = 0.01' }] });
    leave();
  });

  it('says why it may not watch, and begins anew when it may', () => {
    let refused = true;
    const { events$, store, leave } = start({ watch: () => defer(() => (refused ? throwError(() => new Error('not allowed')) : events$)) });
    jest.advanceTimersByTime(300);
    expect([store.value.connection, store.value.failure]).toEqual(['lost', 'not allowed']);
    refused = false;
    jest.advanceTimersByTime(2_100);
    events$.next({ type: 'connection', state: 'live' });
    events$.next(packPoints({ ...at, attempt: 0, t0: 0, step: [0], dt: [0], m: { loss: [1] } }));
    jest.advanceTimersByTime(300);
    expect([store.value.connection, store.value.failure, store.value.runs[0].curves.points]).toEqual(['live', undefined, 1]);
    leave();
  });

  it('knows what a run was told and what became of it', () => {
    const { events$, store, leave } = start();
    const control = (id: string, status: 'asked' | 'applied' | 'refused' | 'expired', command: 'pause' | 'resume', more = {}) => events$.next({ type: 'control', ...at, wall: 0, id, status, command, ...more });
    const now = () => {
      jest.advanceTimersByTime(300);
      const { paused, waiting, refusal } = store.value.runs[0];
      return { paused, waiting, refusal };
    };
    control('1', 'asked', 'pause');
    expect(now()).toEqual({ paused: false, waiting: ['1'], refusal: undefined });
    control('1', 'applied', 'pause', { step: 3 });
    expect(now()).toEqual({ paused: true, waiting: [], refusal: undefined });
    control('2', 'asked', 'resume');
    control('2', 'refused', 'resume', { reason: 'not now' });
    expect(now()).toEqual({ paused: true, waiting: [], refusal: 'not now' });
    control('3', 'asked', 'resume');
    control('3', 'applied', 'resume');
    expect(now()).toEqual({ paused: false, waiting: [], refusal: undefined });
    leave();
  });

  it('draws a run too large for the page from an overview, and takes its points from there on', () => {
    const asked: unknown[] = [];
    const events$ = new Subject<WatchEvent>();
    const summary = { loss: { count: 1_000_000, nan: 0, min: 1, max: 1, last: 1, step: 999_999 } };
    const overview = { run: 'a', metric: 'loss', ...bucketsOf(Array<number>(1_000).fill(1), 100) };
    const { store, leave } = start({
      detail: (id) => of({ ...detail(id), lsn: 70, ...(id === 'a' ? { summary } : {}) }),
      watch: (...given) => { asked.push(given); return events$; }, curves: (...given) => { asked.push(given); return of([overview]); },
    });
    events$.next(packPoints({ ...at, attempt: 0, t0: 0, step: [1_000_000], dt: [0], m: { loss: [2] } }));
    jest.advanceTimersByTime(300);
    const [a, b] = store.value.runs;
    expect(asked).toEqual([[['a', 'b'], new Map([['a', 70]])], [['a'], ['loss'], { axis: 'step', points: 1_200 }]]);
    expect([a.large, b.large, a.curves.points, a.curves.held, a.curves.latest('loss'), a.curves.lastStep]).toEqual([true, false, 1_001, 1, 2, 1_000_000]);
    leave();
  });

  it('lets a run that grows too large go over to buckets while it is watched', () => {
    let [lsn, asked] = [0, 0];
    const { store, leave, events$ } = start({ detail: (id) => of({ ...detail(id), lsn }), curves: () => (asked++, of([{ run: 'a', metric: 'loss', ...bucketsOf(Array<number>(500_001).fill(1), 1_000) }])) });
    for (let from = 0; from <= 500_000; from += 100_000) {
      lsn++;
      const step = Array.from({ length: from === 500_000 ? 1 : 100_000 }, (_, i) => from + i);
      events$.next(packPoints({ ...at, attempt: 0, t0: 0, step, dt: step, m: { loss: step.map(() => 1) } }));
    }
    jest.advanceTimersByTime(300);
    const [{ curves, large }] = store.value.runs;
    expect([asked, large, curves.points, curves.held, curves.curve('loss').length]).toEqual([1, true, 500_001, 0, 501]);
    leave();
  });

  it('knows a run that does not exist, and asks again when the server does not answer', () => {
    let failures = 2;
    const { store, leave } = start({
      detail: (id) => (id === 'b' ? of(undefined) : throwError(() => new Error('down'))),
    });
    jest.advanceTimersByTime(300);
    expect(store.value.runs.map(({ state }) => state)).toEqual(['loading', 'missing']);
    leave();
    const again = start({ detail: (id) => defer(() => (failures-- > 0 ? throwError(() => new Error('down')) : of(detail(id)))) });
    jest.advanceTimersByTime(5_000);
    expect(again.store.value.runs.map(({ state }) => state)).toEqual(['running', 'running']);
    again.leave();
  });

  it('tells React at most four times a second, and gives a new object each time', () => {
    const { events$, store, leave } = start();
    let told = 0;
    store.subscribe(() => told++);
    const before = store.value;
    for (let step = 0; step < 100; step++) {
      events$.next(packPoints({ ...at, attempt: 0, t0: 0, step: [step], dt: [0], m: { loss: [1] } }));
      jest.advanceTimersByTime(10);
    }
    jest.advanceTimersByTime(300);
    expect(told).toBeLessThanOrEqual(6);
    expect(store.value).not.toBe(before);
    leave();
  });
});
