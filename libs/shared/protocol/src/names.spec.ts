import fc from 'fast-check';
import { globTest, isMetricName, isRunId, newId } from './names.ts';

describe('names', () => {
  it('may be any normal text of up to 250 bytes without control characters', () => {
    expect(['train/loss', 'é', 'a'.repeat(250), '__proto__', ' '].every(isMetricName)).toBe(true);
    expect(['', 'a\n', 'e\u0301', 'a'.repeat(251), 'é'.repeat(126), '\u0085'].some(isMetricName)).toBe(false);
  });

  it('of runs can stand in an address and in a file name', () => {
    expect(['r1', 'A.b_c-D', '0'.repeat(128)].every(isRunId)).toBe(true);
    expect(['', '.', '..', '-a', 'a/b', 'a b', 'a\\b', 'a%2e', 'é', '0'.repeat(129)].some(isRunId)).toBe(false);
  });

  it('made at different times sort by time, and are run ids', () => {
    fc.assert(fc.property(fc.nat(2e12), fc.nat(2e12), (a, b) => {
      expect(isRunId(newId(a))).toBe(true);
      if (a < b) expect(newId(a) < newId(b)).toBe(true);
    }));
  });
});

describe('globTest', () => {
  it.each([
    [['*/loss'], 'train/loss', true],
    [['*/loss'], 'train/lossMean', false],
    [['train/*'], 'train/a/b', false],
    [['train/**'], 'train/a/b', true],
    [['*'], 'a/b/c', true],
    [[], 'a', true],
    [['a', 'b*'], 'bee', true],
    [['a.c'], 'abc', false],
    [['l*s*'], 'loss', true],
  ])('%j on %s: %s', (globs, name, expected) => {
    expect(globTest(globs)(name)).toBe(expected);
  });

  it('answers quickly where a backtracking expression would not', () => {
    const glob = `${'a*'.repeat(60)}b`;
    expect(globTest([glob])('a'.repeat(250))).toBe(false);
  });
});
