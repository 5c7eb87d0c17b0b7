import { bucketsOf } from './buckets.fixture.ts';
import { LargeMetric } from './large-metric.ts';
import { windowFor } from './zoom.model.ts';

const many = 100_000;
const valueAt = (step: number): number => (step === 77_777 ? 99 : step === 500 ? NaN : Math.sin(step / 9));
const values = Array.from({ length: many }, (_, step) => valueAt(step));
const made = () => new LargeMetric(bucketsOf(values, Math.ceil(many / 1_200)), many - 1);
const start = 1_000;

describe('LargeMetric', () => {
  it('shows every extreme in its overview, and single points where somebody looked and they came', () => {
    const metric = made();
    const curve = metric.curve('step', start);
    expect([metric.points, curve.points, curve.described().max!.y, curve.described().nan, metric.held]).toEqual([many, many, 99, 1, 0]);
    expect(metric.look('step', [0, many], 600)).toBe(false);
    expect(metric.look('step', [77_700, 77_800], 600)).toBe(true);
    const asked = windowFor('step', [77_700, 77_800], 600);
    metric.adopt(asked, bucketsOf(values.slice(asked.from, asked.to + 1), 1, asked.from));
    expect(metric.look('step', [77_700, 77_800], 600)).toBe(false);
    const near = metric.curve('step', start);
    expect([near, near.y[near.indexAt(77_777)], near.points, near.within(77_700, 77_800)]).toEqual([curve, 99, many, { points: 101, buckets: 101 }]);
    expect(metric.look('step', [0, many], 600)).toBe(false);
    expect(metric.curve('step', start).length).toBe(1_191);
  });

  it('asks for time axes by themselves, and stands there at the times of its points', () => {
    const metric = made();
    expect(metric.look('wall', [1_000, 1_000 + 10 * many], 600)).toBe(true);
    const relative = metric.curve('relative', start);
    expect([relative.x[0], relative.end, metric.curve('wall', start).x[0]]).toEqual([0, (10 * (many - 1)) / 1_000, 1_000]);
  });

  it('goes on with what comes, once, whether it came late, twice or in order', () => {
    const metric = new LargeMetric(bucketsOf(values, 100), many - 11);
    // These the overview has, though they are only now on their way.
    for (let step = many - 10; step < many; step++) metric.add(step, 1_000 + 10 * step, valueAt(step));
    expect([metric.points, metric.latest]).toEqual([many, valueAt(many - 1)]);
    metric.add(many, 1_000 + 10 * many, 7);
    metric.add(many + 1, 1_010 + 10 * many, Infinity);
    const curve = metric.curve('step', start);
    expect([curve.points, curve.end, curve.y.at(-2), curve.described().infinite, metric.latest, metric.lastStep]).toEqual([many + 2, many + 1, 7, 1, Infinity, many + 1]);
    metric.add(50_050, 1, -99);
    const late = metric.curve('step', start);
    expect([late, late.described().min, late.points]).toEqual([curve, { x: 50_050, y: -99 }, many + 3]);
  });
});
