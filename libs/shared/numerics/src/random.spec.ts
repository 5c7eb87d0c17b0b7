import fc from 'fast-check';
import { beta, fold, gamma, integerAt, key, normalAt, normals, permutation, threefry, uniformAt, uniforms } from './random.ts';

const mean = (xs: ArrayLike<number>) => Array.from(xs).reduce((a, b) => a + b, 0) / xs.length;
const variance = (xs: ArrayLike<number>) => {
  const m = mean(xs);
  return mean(Array.from(xs, (x) => (x - m) ** 2));
};

describe('Threefry-2x32-20', () => {
  test.each([
    [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
  ])('gives the published vector of key %p and counter %p', ([k0, k1], [c0, c1], expected) => {
    expect(threefry({ k0, k1 }, c0, c1)).toEqual(expected);
  });
});

describe('streams of a key', () => {
  test('element i is a function of key and i, whatever the length asked for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 300 }), (seed, n) => {
        const all = uniforms(key(seed), n);
        for (const i of [0, n >> 1, n - 1]) expect(uniformAt(key(seed), i)).toBe(all[i]);
        const bell = normals(key(seed), n);
        for (const i of [0, n >> 1, n - 1]) expect(Math.fround(normalAt(key(seed), i))).toBe(bell[i]);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test('uniforms lie in [0, 1) with mean 1/2 and variance 1/12', () => {
    const u = uniforms(key(3), 100_000);
    expect(Math.min(...u)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u)).toBeLessThan(1);
    expect(mean(u)).toBeCloseTo(0.5, 2);
    expect(variance(u)).toBeCloseTo(1 / 12, 3);
  });

  test('normals have mean 0 and variance 1', () => {
    const z = normals(key(4), 100_000);
    expect(mean(z)).toBeCloseTo(0, 2);
    expect(variance(z)).toBeCloseTo(1, 1);
  });

  test('whole numbers stay below their bound and reach all of it', () => {
    const seen = new Set(Array.from({ length: 1000 }, (_, i) => integerAt(key(5), i, 7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('a permutation holds each index once, and another key gives another order', () => {
    const order = permutation(key(6), 1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...permutation(key(7), 1000)]).not.toEqual([...order]);
  });

  test.each([[0.2], [1], [4]])('Gamma(%p) has its mean and variance', (shape) => {
    const draws = Array.from({ length: 20_000 }, (_, i) => gamma(fold(key(8), i), shape));
    expect(mean(draws) / shape).toBeCloseTo(1, 1);
    expect(variance(draws) / shape).toBeCloseTo(1, 0);
  });

  test('Beta(0.2, 0.2) has mean 1/2 and variance 1/(4 (2a + 1))', () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => beta(fold(key(9), i), 0.2, 0.2));
    expect(mean(draws)).toBeCloseTo(0.5, 1);
    expect(variance(draws)).toBeCloseTo(1 / (4 * 1.4), 2);
  });
});

describe('folding', () => {
  test('numbers and names give keys of their own', () => {
    const root = key(1);
    const keys = [root, fold(root, 0), fold(root, 1), fold(root, 'a'), fold(root, 'b'), fold(root, 'ab'), fold(root, ''), fold(fold(root, 'a'), 'b'), fold(root, 2 ** 40)];
    // The empty name adds nothing; all others differ.
    expect(new Set(keys.map(({ k0, k1 }) => `${k0},${k1}`)).size).toBe(keys.length - 1);
  });

  test('seeds beyond 32 bits count', () => {
    expect(key(2 ** 32 + 5)).not.toEqual(key(5));
  });
});
