import { defer, type Observable, of, Subject, throwError } from 'rxjs';
import type { CurveBuckets, CurveWindow } from '../server/source.ts';
import { bucketsOf } from './buckets.fixture.ts';
import { RunCurves } from './run-curves.ts';
import { zoomOf } from './zoom.store.ts';

const values = Array.from({ length: 100_000 }, (_, step) => Math.sin(step));
const look = (from: number, to: number) => ({ axis: 'step', window: [from, to], pixels: 500 }) as const;

function started(answer: (window: CurveWindow) => Observable<readonly CurveBuckets[]>) {
  const curves = new RunCurves();
  curves.condense([{ run: 'r', metric: 'loss', ...bucketsOf(values, 84) }], 0, () => 99_999);
  const asked: CurveWindow[] = [];
  const zoom = zoomOf({ curves: (_, __, window) => defer(() => { asked.push(window); return answer(window); }) }, [{ run: 'r', curves, metrics: ['loss'] }]);
  const leave = zoom.subscribe(() => undefined);
  const told: number[] = [];
  curves.listen(() => told.push(1));
  return { zoom, curves, asked, leave, told };
}

const exact = ({ from, to }: CurveWindow): Observable<readonly CurveBuckets[]> => of([{ run: 'r', metric: 'loss', ...bucketsOf(values.slice(Math.ceil(from!), Math.floor(to!) + 1), 1, Math.ceil(from!)) }]);

describe('zoomOf', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('asks once the window has stood still, for that window alone, and shows what came', () => {
    const { zoom, asked, leave, told, curves } = started(exact);
    for (let k = 0; k < 5; k++) {
      zoom.look(look(1_000 * k, 1_000 * k + 100));
      jest.advanceTimersByTime(50);
    }
    expect([asked, zoom.value.loading]).toEqual([[], true]);
    jest.advanceTimersByTime(200);
    expect([asked, told.length]).toEqual([[{ axis: 'step', from: 3_950, to: 4_150, points: 1_000 }], 1]);
    zoom.look(look(4_000, 4_100));
    jest.advanceTimersByTime(300);
    expect([zoom.value, asked.length]).toEqual([{ points: 101, buckets: 101, loading: false }, 1]);
    expect(curves.curve('loss').nearest(4_001)).toBe(curves.curve('loss').indexAt(4_001));
    leave();
  });

  it('asks nothing for what it has: the whole, what was panned a little, what it comes back to', () => {
    const { zoom, asked, leave } = started(exact);
    const looks = (from: number, to: number) => {
      zoom.look(look(from, to));
      jest.advanceTimersByTime(300);
    };
    looks(0, 99_999);
    looks(4_000, 4_100);
    looks(4_030, 4_130);
    looks(0, 99_999);
    looks(4_000, 4_100);
    expect(asked.length).toBe(1);
    leave();
  });

  it('gives up what is superseded', () => {
    const answers: Subject<readonly CurveBuckets[]>[] = [];
    const { zoom, leave } = started(() => { const answer$ = new Subject<readonly CurveBuckets[]>(); answers.push(answer$); return answer$; });
    zoom.look(look(0, 100));
    jest.advanceTimersByTime(200);
    zoom.look(look(20, 80));
    jest.advanceTimersByTime(200);
    expect([answers.length, answers[0].observed]).toEqual([1, true]);
    zoom.look(look(9_000, 9_100));
    jest.advanceTimersByTime(200);
    expect(answers.map(({ observed }) => observed)).toEqual([false, true]);
    leave();
    jest.advanceTimersByTime(2_000);
    expect(answers[1].observed).toBe(false);
  });

  it('says why nothing finer came, keeps the coarse curve, and tries again when asked to', () => {
    let broken = true;
    const { zoom, asked, leave, curves } = started((window) => (broken ? throwError(() => new Error('busy')) : exact(window)));
    const { length } = curves.curve('loss');
    zoom.look(look(4_000, 4_100));
    jest.advanceTimersByTime(300);
    expect([zoom.value.failure, zoom.value.loading, curves.curve('loss').length, zoom.value.points > 100]).toEqual(['busy', false, length, true]);
    broken = false;
    zoom.again();
    jest.advanceTimersByTime(300);
    zoom.look(look(4_000, 4_100));
    jest.advanceTimersByTime(300);
    expect([zoom.value, asked.length]).toEqual([{ points: 101, buckets: 101, loading: false }, 2]);
    leave();
  });
});
