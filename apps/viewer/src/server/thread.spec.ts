import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { packCurve } from './pack-curve.ts';
import { packPoints } from './pack.ts';
import type { RunSource, WatchEvent } from './source.ts';
import { serveSource, sourceOver, type Answer, type Ask, type Port } from './thread.ts';

/** Two ends of a line that carries clones, as a worker's does. */
function line(source: RunSource) {
  const heard = { page: [] as ((event: { data: Answer }) => void)[], thread: [] as ((event: { data: Ask }) => void)[] };
  const thread: Port<Ask, Answer> = {
    postMessage: (message, transfer = []) => { const data = structuredClone(message, { transfer }); heard.page.forEach((listener) => listener({ data })); },
    addEventListener: (_, listener) => heard.thread.push(listener),
  };
  const page: Port<Answer, Ask> = {
    postMessage: (message) => { const data = structuredClone(message); heard.thread.forEach((listener) => listener({ data })); },
    addEventListener: (_, listener) => heard.page.push(listener),
  };
  const urls: string[] = [];
  serveSource(thread, (url) => { urls.push(url); return source; });
  return { source: sourceOver(page, 'http://server'), urls };
}

const quiet = { recent: () => NEVER, curves: () => NEVER, patch: () => EMPTY, remove: () => EMPTY };

describe('a source over a thread', () => {
  it('gives what the source gives: values, errors and ends', () => {
    const { source, urls } = line({ list: () => of([]), detail: (id) => (id === 'a' ? of(undefined) : throwError(() => new Error('down'))), watch: () => NEVER, ...quiet, steer: (_, { command }) => (command === 'stop' ? EMPTY : throwError(() => new Error('the run takes stop'))) });
    const seen: unknown[] = [];
    source.list().subscribe({ next: (runs) => seen.push(runs), complete: () => seen.push('end') });
    source.detail('a').subscribe((run) => seen.push(run));
    source.detail('b').subscribe({ error: (error: Error) => seen.push(error.message) });
    source.steer('a', { command: 'stop' }).subscribe({ complete: () => seen.push('stopped') });
    source.steer('a', { command: 'pause' }).subscribe({ error: (error: Error) => seen.push(error.message) });
    expect([urls, seen]).toEqual([['http://server'], [[], 'end', undefined, 'down', 'stopped', 'the run takes stop']]);
  });

  it('hands positions and windows over, and curves back without a copy', () => {
    const asked: unknown[] = [];
    const curve = packCurve({ run: 'r', metric: 'loss', step0: [0], step1: [9], wall0: [0], wall1: [1], count: [10], nan: [1], min: [1], max: [Infinity], mean: [2], first: [1], last: [3] });
    const { source } = line({ list: () => NEVER, detail: () => NEVER, steer: () => EMPTY, ...quiet, watch: (...given) => { asked.push(given); return NEVER; }, curves: (...given) => { asked.push(given); return of([curve]); } });
    const seen: unknown[] = [];
    source.watch(['r'], new Map([['r', 7]])).subscribe();
    source.curves(['r'], ['loss'], { axis: 'step', from: 0, to: 9, points: 5 }).subscribe((curves) => seen.push(curves));
    expect(asked).toEqual([[['r'], new Map([['r', 7]])], [['r'], ['loss'], { axis: 'step', from: 0, to: 9, points: 5 }]]);
    expect(seen).toMatchObject([[{ run: 'r', metric: 'loss', max: Float64Array.of(Infinity) }]]);
    expect(curve.count.byteLength).toBe(0);
  });

  it('hands points over without a copy, and stops watching when nobody does', () => {
    const events$ = new Subject<WatchEvent>();
    const { source } = line({ list: () => NEVER, detail: () => NEVER, watch: () => events$, steer: () => EMPTY, ...quiet });
    const seen: WatchEvent[] = [];
    const subscription = source.watch(['r']).subscribe((event) => seen.push(event));
    const rows = packPoints({ run: 'r', attempt: 0, t0: 0, step: [1], dt: [0], m: { loss: [NaN] } });
    events$.next(rows);
    expect(seen).toMatchObject([{ type: 'points', columns: [{ metric: 'loss', values: Float64Array.of(NaN) }] }]);
    expect(rows.step.byteLength).toBe(0);
    expect(events$.observed).toBe(true);
    subscription.unsubscribe();
    expect(events$.observed).toBe(false);
  });
});
