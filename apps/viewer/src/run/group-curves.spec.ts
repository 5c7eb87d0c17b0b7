import fc from 'fast-check';
import { bucketsOf } from './buckets.fixture.ts';
import { GroupCurves } from './group-curves.ts';
import { groupsOf, spreadOfValues } from './group.model.ts';
import { RunCurves } from './run-curves.ts';

const run = (points: readonly (readonly [step: number, value: number])[], start = 0) => {
  const curves = new RunCurves();
  for (const [step, value] of points) curves.add('loss', step, start + 1_000 * step, value);
  return curves;
};

describe('runs taken together', () => {
  it('have at each step the mean over all members that have it, and a deviation to either side', () => {
    const group = new GroupCurves([run([[0, 1], [1, 2], [2, 3]]), run([[0, 3], [2, 5], [3, 7]], 5_000)]);
    const { mean, low, high } = group.spread('loss');
    expect([...mean.x]).toEqual([0, 1, 2, 3]);
    expect([...mean.y]).toEqual([2, 2, 4, 7]);
    expect([...high.y].map((y, i) => y - low.y[i])).toEqual([0, 1, 2, 3].map((i) => expect.closeTo([2 * Math.SQRT2, 0, 2 * Math.SQRT2, 0][i], 12)));
    // On a time axis a step stands at the members' mean time since their own start.
    expect([...group.curve('loss', 'relative').x]).toEqual([0, 1, 2, 3]);
    expect(group.curve('loss')).toBe(mean);
  });

  it('agree with the plain formula for any members', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(fc.property(fc.array(values, { minLength: 2, maxLength: 8 }), (members) => {
      const { mean, high } = new GroupCurves(members.map((ys) => run(ys.map((y, i) => [i, y])))).spread('loss');
      for (let i = 0; i < 3; i++) {
        const expected = spreadOfValues(members.map((ys) => ys[i]));
        expect(mean.y[i]).toBeCloseTo(expected.mean, 9);
        expect(high.y[i] - mean.y[i]).toBeCloseTo(expected.deviation, 7);
      }
    }));
  });

  it('follow their members, NaN and all', () => {
    const members = [run([[0, 1]]), run([[0, 3]])];
    const group = new GroupCurves(members);
    const { mean } = group.spread('loss');
    let told = 0;
    const leave = group.listen(() => told++);
    members[0].add('loss', 1, 1_000, NaN);
    members[1].add('loss', 1, 1_000, 4);
    members[0].tell();
    expect([...mean.y]).toEqual([2, NaN]);
    members[1].tell();
    expect([told, group.points, group.lastStep]).toEqual([2, 4, 1]);
    leave();
    members[0].add('loss', 2, 2_000, 1);
    members[0].tell();
    expect(told).toBe(2);
  });
});

describe('groupsOf', () => {
  it('puts numbers in order, then texts, then what has no value', () => {
    expect(groupsOf(['b', 10, undefined, 'a', 9, 10], (value) => value).map(({ value, members }) => `${value} ${members.length}`)).toEqual(['9 1', '10 2', 'a 1', 'b 1', 'undefined 1']);
  });

  it('takes the mean of a bucket at every step of it', () => {
    const [points, large] = [new RunCurves(), new RunCurves()];
    [1, 2, 3, 4].forEach((value, step) => points.add('loss', step, 0, value));
    large.condense([{ run: 'r', metric: 'loss', ...bucketsOf([10, 20, 30, 40], 2) }], 0, () => 3);
    expect([...new GroupCurves([points, large]).curve('loss').y]).toEqual([8, 8.5, 19, 19.5]);
  });
});
