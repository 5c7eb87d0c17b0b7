import { RunCurves } from './run-curves.ts';

describe('RunCurves', () => {
  it('keeps a curve for each metric, on each axis', () => {
    const run = new RunCurves();
    run.add('loss', 0, 5_000, 2);
    run.add('loss', 1, 6_500, NaN);
    expect([...run.curve('loss').x]).toEqual([0, 1]);
    expect([...run.curve('loss', 'relative').x]).toEqual([0, 1.5]);
    run.add('loss', 2, 9_000, 1);
    expect([...run.curve('loss', 'relative').x]).toEqual([0, 1.5, 4]);
    expect([...run.curve('loss', 'wall').x]).toEqual([5_000, 6_500, 9_000]);
    expect([...run.curve('loss', 'wall').y]).toEqual([2, NaN, 1]);
    expect([run.latest('loss'), run.latest('nothing'), run.lastStep, run.points]).toEqual([1, undefined, 2, 3]);
  });

  it('follows points that come late', () => {
    const run = new RunCurves();
    run.add('loss', 4, 4_000, 4);
    expect([...run.curve('loss', 'relative').x]).toEqual([0]);
    run.add('loss', 2, 2_000, 2);
    expect([...run.curve('loss', 'relative').x]).toEqual([0, 2]);
    expect([...run.curve('loss', 'relative').y]).toEqual([2, 4]);
  });

  it('grows the curves it has given out, on every axis', () => {
    const run = new RunCurves();
    run.add('loss', 4, 4_000, 4);
    const curves = [run.curve('loss'), run.curve('loss', 'relative'), run.curve('loss', 'wall')];
    run.add('loss', 9, 9_000, 5);
    run.add('loss', 6, 6_000, 1);
    run.tell();
    expect(curves.map(({ x }) => [...x])).toEqual([[4, 6, 9], [0, 2, 5], [4_000, 6_000, 9_000]]);
  });

  it('takes many points as it takes one', () => {
    const [single, many] = [new RunCurves(), new RunCurves()];
    for (const [attempt, steps, values] of [[0, [3, 1, 7], [1, NaN, 3]], [1, [7, 8], [30, 4]], [0, [1, 7, 9], [5, 6, 7]], [1, [], []]] as const) {
      steps.forEach((step, i) => single.add('loss', step, 10 * step + attempt, values[i], attempt));
      many.addAll('loss', Float64Array.from(steps), Float64Array.from(steps, (step) => 10 * step + attempt), Float64Array.from(values), attempt);
    }
    for (const axis of ['step', 'relative', 'wall'] as const) expect([many.curve('loss', axis).x, many.curve('loss', axis).y]).toEqual([single.curve('loss', axis).x, single.curve('loss', axis).y]);
    expect([many.points, many.lastStep, many.names]).toEqual([single.points, single.lastStep, single.names]);
  });

  it('shows the newest attempt of a step, whichever came first', () => {
    const run = new RunCurves();
    run.add('loss', 0, 1, 10, 0);
    run.add('loss', 1, 2, 11, 0);
    run.add('loss', 1, 9, 21, 1);
    run.add('loss', 1, 2, 11, 0);
    expect([...run.curve('loss').y]).toEqual([10, 21]);
  });

  it('tells once of many points, and nobody who left', () => {
    const run = new RunCurves();
    let told = 0;
    const leave = run.listen(() => told++);
    run.add('loss', 0, 0, 1);
    run.add('loss', 1, 0, 1);
    run.tell();
    run.tell();
    expect(told).toBe(1);
    leave();
    run.add('loss', 2, 0, 1);
    run.tell();
    expect(told).toBe(1);
  });

  it('keeps the list of names while it holds the same names', () => {
    const run = new RunCurves();
    run.add('loss', 0, 0, 1);
    const { names } = run;
    run.add('loss', 1, 0, 1);
    expect(run.names).toBe(names);
  });
});
