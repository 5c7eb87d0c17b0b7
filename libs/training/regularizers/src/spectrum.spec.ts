import { key, normals } from '@gradstream/numerics';
import { largestSingular, spectralNorm } from './index.ts';

it('finds the singular value of a matrix made of orthogonal parts', () => {
  // [[3, 0], [0, -4], [0, 0]] turned by 45 degrees in its columns.
  const r = Math.SQRT1_2;
  const w = [3 * r, -3 * r, -4 * r, -4 * r, 0, 0];
  const { value, u, v } = largestSingular(w, 3, 2, 200);
  expect(value).toBeCloseTo(4, 8);
  expect([...u].map(Math.abs)).toEqual([expect.closeTo(0, 4), expect.closeTo(1, 6), 0]);
  expect([...v].map(Math.abs)).toEqual([expect.closeTo(r, 4), expect.closeTo(r, 4)]);
});

it('spectralNorm brings every gain of a matrix down to its limit', () => {
  const w = normals(key(2), 20);
  spectralNorm({ max: 0.5, iterations: 500 }).project(w, { name: 'k', shape: [5, 4], role: 'kernel' });
  for (let seed = 0; seed < 50; seed++) {
    const x = normals(key(seed), 4);
    const gain = Math.hypot(...Array.from({ length: 5 }, (_, r) => x.reduce((sum, xc, c) => sum + w[r * 4 + c] * xc, 0))) / Math.hypot(...x);
    expect(gain).toBeLessThan(0.5 + 1e-5);
  }
  expect(largestSingular(w, 5, 4, 500).value).toBeCloseTo(0.5, 5);
});
