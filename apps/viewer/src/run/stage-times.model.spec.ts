import { RunCurves } from './run-curves.ts';
import { isInPass, timesOf, timesOver, timingMetrics } from './stage-times.model.ts';

/** A run that was measured at every tenth step. */
function measured(n: number, parts: Readonly<Record<string, (i: number) => number>>): RunCurves {
  const curves = new RunCurves();
  for (let i = 0; i < n; i++) {
    for (const [metric, value] of Object.entries(parts)) curves.add(metric, 10 * i, 1_000 + i, value(i));
    curves.add('time/total', 10 * i, 1_000 + i, 10);
  }
  return curves;
}

describe('timesOf', () => {
  const curves = measured(100, { 'time/data': () => 1, 'time/forward': (i) => (i % 10 === 0 ? 50 : 2), 'time/backward': () => 5, 'time/update': (i) => (i < 50 ? 100 : 2), 'rate/examples': (i) => i, 'queue/prefetch': () => 3, 'time/wall': (i) => (i === 99 ? 500 : 14) });

  it('are medians over the last measured steps, with shares that make up the whole', () => {
    const times = timesOf(curves)!;
    expect(times).toMatchObject({ step: 990, over: timesOver, total: 10, wall: 14, rate: 99, queued: 3 });
    expect([...times.stages].map(([stage, { ms, share }]) => [stage, ms, share])).toEqual([['data', 1, 0.1], ['forward', 2, 0.2], ['backward', 5, 0.5], ['optimize', 2, 0.2]]);
    expect([...times.stages.values()].reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(times.stages.get('forward')!.last).toBe(2);
    expect(times.pass).toBeUndefined();
  });

  it('are those at the playhead', () => expect(timesOf(curves, 405)).toMatchObject({ step: 400, over: timesOver, total: 108, rate: 40 }));

  it('are not there where nothing was measured, or not yet', () => {
    const plain = new RunCurves();
    plain.add('train/loss', 0, 0, 1);
    expect(timesOf(plain)).toBeUndefined();
    expect(timesOf(curves, -1)).toBeUndefined();
  });

  it('keep a pass whole that was measured as one', () => {
    const { pass, stages } = timesOf(measured(3, { 'time/data': () => 1, 'time/pass': () => 4 }))!;
    expect([pass, [...stages.keys()]]).toEqual([{ ms: 4, last: 4, share: 0.8 }, ['data']]);
    expect((['data', 'forward', 'loss', 'backward', 'optimize'] as const).filter(isInPass)).toEqual(['forward', 'loss', 'backward']);
  });

  it('are read from metrics that the panels of curves leave to the end', () => {
    expect(curves.names.every((name) => timingMetrics.has(name))).toBe(true);
    expect(timingMetrics.has('train/loss')).toBe(false);
  });
});
