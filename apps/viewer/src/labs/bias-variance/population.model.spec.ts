import fc from 'fast-check';
import { families, truths } from './families.ts';
import { capacitiesFor, descentOf, fitAll, inputs, measure, placesOf, type Population, standardError, targetsOf } from './population.model.ts';

const population: Population = { truth: 'sine', family: 'polynomials', points: 14, noise: 0.3, models: 40, seed: 3, moved: [] };

/** Coefficients by normal equations and Gauss with pivots, of A or, where it is wide, of A Aᵀ: no code shared with the fits. */
function reference(rows: readonly (readonly number[])[], y: readonly number[]): number[] {
  const [n, p] = [rows.length, rows[0].length];
  const wide = p > n;
  const m = wide ? n : p;
  const sum = (count: number, of: (k: number) => number) => Array.from({ length: count }, (_, k) => of(k)).reduce((a, b) => a + b, 0);
  const a = Array.from({ length: m }, (_, i) => [
    ...Array.from({ length: m }, (_, j) => (wide ? sum(p, (k) => rows[i][k] * rows[j][k]) : sum(n, (k) => rows[k][i] * rows[k][j]))),
    wide ? y[i] : sum(n, (k) => rows[k][i] * y[k]),
  ]);
  for (let c = 0; c < m; c++) {
    const pivot = a.slice(c).reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(a[best][c]) ? c + i : best), c);
    [a[c], a[pivot]] = [a[pivot], a[c]];
    for (let r = 0; r < m; r++) if (r !== c) a[r] = a[r].map((value, k) => value - (a[r][c] / a[c][c]) * a[c][k]);
  }
  const z = a.map((row, i) => row[m] / row[i]);
  return wide ? Array.from({ length: p }, (_, k) => sum(n, (i) => rows[i][k] * z[i])) : z;
}

describe('a population', () => {
  it.each([['polynomials', 1], ['polynomials', 5], ['polynomials', 9], ['polynomials', 40], ['randomFeatures', 6], ['randomFeatures', 70]] as const)('of %s with %d coefficients decomposes as by hand', (family, capacity) => {
    const of: Population = { ...population, family };
    const features = families[family](of.seed, of.points);
    const places = placesOf(of);
    const rows = Array.from(places, (x) => [...features(x, capacity)]);
    const said = Array.from({ length: of.models }, (_, set) => {
      const w = reference(rows, [...targetsOf(of, places, set)]);
      return Array.from(inputs, (x) => [...features(x, capacity)].reduce((sum, phi, k) => sum + phi * w[k], 0));
    });
    let [bias2, variance] = [0, 0];
    inputs.forEach((x, i) => {
      const mean = said.reduce((sum, row) => sum + row[i], 0) / said.length;
      bias2 += (mean - Math.sin(2 * Math.PI * x)) ** 2 / inputs.length;
      for (const row of said) variance += (row[i] - mean) ** 2 / said.length / inputs.length;
    });
    const measured = measure(of, capacity);
    expect(Math.abs(measured.bias2 / bias2 - 1)).toBeLessThan(1e-6);
    expect(Math.abs(measured.variance / variance - 1)).toBeLessThan(1e-6);
  });

  it.each(['polynomials', 'randomFeatures'] as const)('of %s has its dots on the stack, through the interpolation threshold', (family) => {
    const of: Population = { ...population, family };
    for (const capacity of capacitiesFor(of.points)) {
      const { bias2, variance, test } = measure(of, capacity);
      const sum = bias2 + variance + of.noise ** 2;
      // Only the square of the fresh noise differs from its expectation, by the same amount everywhere.
      expect(Math.abs(test - sum)).toBeLessThan(4 * standardError(of) + 1e-9 * sum);
    }
    expect(measure({ ...of, noise: 0 }, 4).test).toBeCloseTo(measure({ ...of, noise: 0 }, 4).bias2, 12);
  });

  it.each([['polynomials', 20], ['polynomials', 140], ['randomFeatures', 30], ['randomFeatures', 140]] as const)('of %s with %d coefficients interpolates, at least norm', (family, capacity) => {
    const of: Population = { ...population, family, models: 3 };
    const places = placesOf(of);
    const { predictions, train } = fitAll(of, capacity, places);
    expect(train).toBeLessThan(1e-18);
    predictions.forEach((row, set) => targetsOf(of, places, set).forEach((y, i) => expect(row[i]).toBeCloseTo(y, 9)));
  });

  it('has a variance that is the noise through the fits: σ² · |h|² for fixed inputs', () => {
    const of: Population = { ...population, models: 4_000, points: 10 };
    // Least squares of p coefficients at the points themselves: the mean variance is σ² p / n exactly (Mallows 1973).
    const { predictions } = fitAll(of, 4, placesOf(of));
    const mean = predictions[0].map((_, i) => predictions.reduce((sum, row) => sum + row[i], 0) / of.models);
    const variance = predictions.reduce((sum, row) => sum + row.reduce((squares, value, i) => squares + (value - mean[i]) ** 2, 0), 0) / of.models / of.points;
    expect(Math.abs(variance / ((of.noise ** 2 * 4) / 10) - 1)).toBeLessThan(0.05);
  });

  it('whose point was moved is off by as much in every data set', () => {
    const moved: Population = { ...population, moved: [{ index: 2, x: 0.31, offset: 1.5 }] };
    const places = placesOf(moved);
    expect(places[2]).toBe(0.31);
    for (const set of [0, 7]) expect(targetsOf(moved, places, set)[2] - targetsOf({ ...moved, moved: [{ index: 2, x: 0.31, offset: 0 }] }, places, set)[2]).toBeCloseTo(1.5, 12);
    expect(measure(moved, 4).bias2).toBeGreaterThan(measure(population, 4).bias2);
    expect(measure(moved, 4).variance / measure(population, 4).variance).toBeCloseTo(1, 0);
  });

  it('keeps points apart, wherever somebody puts them', () => {
    fc.assert(fc.property(fc.array(fc.record({ index: fc.nat(13), x: fc.constantFrom(0, 0.2, 0.2001, 1), offset: fc.constant(0) }), { maxLength: 5 }), (moved) => {
      const x = [...placesOf({ ...population, moved })].sort((a, b) => a - b);
      expect(Math.min(...x.slice(1).map((value, i) => value - x[i]))).toBeGreaterThan(0.0039);
    }));
  });
});

describe('the descent', () => {
  it('names the least before, the peak and the least beyond it', () => {
    const errors = [5, 2, 3, 90, 40, 1].map((test, i) => ({ capacity: i + 1, bias2: 0, variance: 0, train: 0, test }));
    const { before, peak, beyond, share } = descentOf(errors, 4);
    expect([before.capacity, peak.capacity, beyond.capacity, share]).toEqual([2, 4, 6, 1 - 1 / 90]);
  });

  it('is steep at the threshold and real beyond it', () => {
    const { peak, share } = descentOf(capacitiesFor(20).map((p) => measure({ ...population, points: 20, seed: 0 }, p)), 20);
    expect(peak.capacity).toBe(20);
    expect(share).toBeGreaterThan(0.99);
  });
});

it.each(Object.entries(truths))('%s stays within the frame', (_, truth) => {
  for (const x of inputs) expect(Math.abs(truth(x))).toBeLessThan(1.5);
});
