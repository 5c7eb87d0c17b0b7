import fc from 'fast-check';
import { formatCursor, parseCursor, pointsOf } from './stream.ts';

describe('a cursor', () => {
  it('of one run reads run:position', () => {
    expect(formatCursor(new Map([['r1', 12]]))).toBe('r1:12');
  });

  it('comes back from its text', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/);
    fc.assert(fc.property(fc.uniqueArray(fc.tuple(id, fc.nat()), { selector: ([run]) => run }), (entries) => {
      expect([...parseCursor(formatCursor(new Map(entries)))]).toEqual(entries);
    }));
  });

  it.each(['', 'r1', 'r1:', 'r1:-1', 'r1:1e3', '~', '~!!', '~W10x', '../a:1'])('is refused where it reads %j', (text) => {
    expect(() => parseCursor(text)).toThrow(`since: expected a cursor as the stream gave it, like run:12, received '${text}'`);
  });
});

describe('pointsOf', () => {
  it('gives single points row by row, without the absent ones', () => {
    expect(pointsOf({ run: 'r', attempt: 1, t0: 100, step: [5, 6], dt: [0, 2], m: { a: [1, null], b: [NaN, 2] } })).toEqual([
      { run: 'r', attempt: 1, metric: 'a', step: 5, wall: 100, value: 1 },
      { run: 'r', attempt: 1, metric: 'b', step: 5, wall: 100, value: NaN },
      { run: 'r', attempt: 1, metric: 'b', step: 6, wall: 102, value: 2 },
    ]);
  });
});
