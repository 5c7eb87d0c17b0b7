/** Laws of least squares on Legendre polynomials, where bias, variance and gap are known to the last digit. */
import { fold, key, normalAt, uniformAt, type Key } from '@gradstream/numerics';
import { dot, leastSquares, legendre, orthonormalize } from '../linear-algebra.ts';
import { decompose } from '../bias-variance.ts';
import { study } from '../recipe/study.ts';
import { deviation, mean } from '../recipe/statistics.ts';

const target = (x: number): number => Math.sin(2 * Math.PI * x);

export interface GapLawOptions {
  /** Least squares on so many polynomials. */
  readonly parameters: number;
  /** Points, at (i + ½) / n. */
  readonly points: number;
  /** Data sets. */
  readonly sets: number;
  /** Standard deviation of the noise. */
  readonly noise: number;
}

/** Mallows 1973: at fixed points the expected gap between test and training error is 2σ²p/n. */
export const gapLaw = study<GapLawOptions>('gap-law', ({ parameters: p, points: n, sets, noise }, seed) => {
  const x = Array.from({ length: n }, (_, i) => (i + 0.5) / n);
  const truth = Float64Array.from(x, target);
  const basis = x.map((at) => legendre(at, p - 1));
  const { q } = orthonormalize(Array.from({ length: p }, (_, k) => Float64Array.from(basis, (row) => row[k])));
  const fit = (y: Float64Array): Float64Array => {
    const fitted = new Float64Array(n);
    for (const u of q) {
      const onto = dot(u, y);
      for (let i = 0; i < n; i++) fitted[i] += onto * u[i];
    }
    return fitted;
  };
  const noisy = (from: Key): Float64Array => truth.map((t, i) => t + noise * normalAt(from, i));
  const errors = { train: 0, test: 0 };
  const predictions = Array.from({ length: sets }, (_, set) => {
    const from = fold(fold(key(seed), 'set'), set);
    const y = noisy(fold(from, 'train'));
    const fitted = fit(y);
    const fresh = noisy(fold(from, 'test'));
    errors.train += meanSquare(fitted, y) / sets;
    errors.test += meanSquare(fitted, fresh) / sets;
    return fitted;
  });
  const { bias2, variance } = decompose(predictions, truth);
  const exact = { bias2: meanSquare(fit(truth), truth), variance: (noise ** 2 * p) / n };
  return {
    bias2, bias2Law: exact.bias2, variance, varianceLaw: exact.variance,
    train: errors.train, trainLaw: exact.bias2 + noise ** 2 * (1 - p / n),
    test: errors.test, testLaw: exact.bias2 + noise ** 2 * (1 + p / n),
    gap: errors.test - errors.train, gapLaw: (2 * noise ** 2 * p) / n,
  };
});

export interface PolynomialOptions {
  readonly degree: number;
  /** Points of a data set, uniform in (0, 1). */
  readonly points: number;
  readonly sets: number;
  readonly noise: number;
  /** Penalty λ·n·|w|² on the coefficients. Default 0. */
  readonly ridge?: number;
}

/** Geman, Bienenstock and Doursat 1992: bias² + variance + noise is the expected test error, at 97 inputs in [.02, .98]. */
export const polynomialPopulation = study<PolynomialOptions>('polynomial-population', ({ degree, points: n, sets, noise, ridge = 0 }, seed) => {
  const at = Array.from({ length: 97 }, (_, i) => 0.02 + (0.96 * i) / 96);
  const truth = Float64Array.from(at, target);
  const rows = at.map((x) => legendre(x, degree));
  const errors: number[] = [];
  const trainErrors: number[] = [];
  const predictions = Array.from({ length: sets }, (_, set) => {
    const from = fold(fold(key(seed), 'set'), set);
    const x = Array.from({ length: n }, (_, i) => uniformAt(fold(from, 'x'), i));
    const y = Float64Array.from(x, (value, i) => target(value) + noise * normalAt(fold(from, 'noise'), i));
    const coefficients = leastSquares(x.map((value) => legendre(value, degree)), ridge * n)(y);
    const fitted = Float64Array.from(rows, (row) => dot(row, coefficients));
    const fresh = truth.map((t, i) => t + noise * normalAt(fold(from, 'fresh'), i));
    errors.push(meanSquare(fitted, fresh));
    trainErrors.push(meanSquare(Float64Array.from(x, (value) => dot(legendre(value, degree), coefficients)), y));
    return fitted;
  });
  const { bias2, variance } = decompose(predictions, truth);
  const testMse = mean(errors);
  const sum = bias2 + variance + noise ** 2;
  const standardError = deviation(errors) / Math.sqrt(sets);
  return { bias2, variance, noise: noise ** 2, sum, testMse, trainMse: mean(trainErrors), distance: Math.abs(sum - testMse) / standardError };
});

const meanSquare = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
};
