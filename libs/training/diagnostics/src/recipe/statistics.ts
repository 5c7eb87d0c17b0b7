/** Statistics of a few seeds: means, deviations, and Student's interval of a mean. */

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation with n − 1; 0 for a single value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** A measure over the seeds of an arm. */
export interface Summary {
  readonly mean: number;
  readonly sd: number;
  readonly n: number;
  readonly values: readonly number[];
}

export const summary = (values: readonly number[]): Summary => ({ mean: mean(values), sd: deviation(values), n: values.length, values });

/** Differences between two arms, seed by seed. */
export interface Paired extends Summary {
  /** mean / (sd / √n); infinite where all differences are equal and not 0. */
  readonly t: number;
  /** Seeds whose difference has the sign of the mean. */
  readonly sign: number;
  /** 95 % interval of the mean (Student's t with n − 1 degrees of freedom). */
  readonly interval: readonly [low: number, high: number];
}

export function paired(arm: readonly number[], base: readonly number[]): Paired {
  const differences = summary(arm.map((value, i) => value - base[i]));
  const error = differences.sd / Math.sqrt(differences.n);
  const half = differences.n < 2 ? Infinity : quantile975(differences.n - 1) * error;
  const t = error === 0 ? Math.sign(differences.mean) * (differences.mean === 0 ? 0 : Infinity) : differences.mean / error;
  const sign = differences.values.filter((d) => d !== 0 && Math.sign(d) === Math.sign(differences.mean)).length;
  return { ...differences, t, sign, interval: [differences.mean - half, differences.mean + half] };
}

/** Student's t below which 97.5 % lie: the usual table up to 30 degrees of freedom, then Cornish and Fisher's expansion. */
export function quantile975(degrees: number): number {
  if (degrees <= TABLE.length) return TABLE[degrees - 1];
  const z = 1.959963985;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}

const TABLE = [
  12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881, 2.16037, 2.14479, 2.13145,
  2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387, 2.06866, 2.0639, 2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227,
];
