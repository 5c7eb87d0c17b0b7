import { array, assert, boolean, constantFrom, double, integer, oneof, property, record } from 'fast-check';
import * as field from './buckets.ts';
import { Buckets, type Axis } from './buckets.ts';
import { FineCurve } from './fine-curve.ts';

const value = oneof(double({ noNaN: true, min: -1e6, max: 1e6 }), constantFrom(NaN, Infinity, -Infinity));
const gaps = array(record({ after: integer({ min: 1, max: 1000 }), value, inBuckets: boolean(), cut: boolean() }), { minLength: 1, maxLength: 120 });

it('puts every point into one bucket, in order, with every extreme and every NaN, whatever pieces it came in', () => {
  assert(property(gaps, integer({ min: 1, max: 40 }), constantFrom<Axis>('step', 'wall'), boolean(), (rows, points, axis, log) => {
    let at = 0;
    const model = rows.map(({ after, value: x, ...piece }) => ({ step: (at += after), wall: 1e6 + 2 * at, x, ...piece }));
    const fine = new FineCurve();
    for (let begin = 0; begin < model.length;) {
      let end = begin + 1;
      while (end < model.length && model[end].inBuckets === model[begin].inBuckets && !model[end].cut) end += 1;
      const [step, wall, values] = (['step', 'wall', 'x'] as const).map((key) => Float64Array.from(model.slice(begin, end), (row) => row[key]));
      if (model[begin].inBuckets) {
        const buckets = new Buckets();
        step.forEach((_, i) => (i % 3 === 0 ? buckets.addPoint(step[i], wall[i], values[i]) : buckets.extendPoint(step[i], wall[i], values[i])));
        fine.addBuckets(buckets);
      } else fine.addPoints({ step, wall, value: values });
      begin = end;
    }
    const merged = fine.merged({ points, axis, log, origin: axis === 'step' ? 0 : 1e6 });
    expect(merged.length).toBeLessThanOrEqual(points);
    let begin = 0;
    for (let i = 0; i < merged.length; i += 1) {
      const mine = model.slice(begin, begin + merged.get(i, field.count));
      begin += mine.length;
      const numbers = mine.map(({ x }) => x).filter((x) => !Number.isNaN(x));
      expect([field.step0, field.step1, field.wall0, field.wall1, field.nan, field.min, field.max, field.first, field.last].map((each) => merged.get(i, each))).toEqual([
        mine[0].step, mine.at(-1)!.step, mine[0].wall, mine.at(-1)!.wall, mine.length - numbers.length,
        numbers.length === 0 ? NaN : Math.min(...numbers), numbers.length === 0 ? NaN : Math.max(...numbers), mine[0].x, mine.at(-1)!.x,
      ]);
    }
    expect(begin).toBe(model.length);
  }));
});

it('merges points into buckets that are equally wide', () => {
  const fine = new FineCurve();
  const step = Float64Array.from({ length: 1000 }, (_, i) => i);
  fine.addPoints({ step, wall: step, value: step });
  const merged = fine.merged({ points: 10, axis: 'step', log: false, origin: 0 });
  expect(merged.column(field.step0).map((first) => Math.round(first / 100))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Math.max(...merged.column(field.count))).toBeLessThanOrEqual(101);
});
