/** Models of one input that are linear in their coefficients, of any number of coefficients. */
import { legendre } from '@gradstream/diagnostics';
import { fold, key, normalAt, uniformAt } from '@gradstream/numerics';

/** What the coefficients of a model of capacity p multiply at an input: [p]. */
export type Features = (x: number, capacity: number) => Float64Array;

/** Polynomials by their Legendre coefficients: degree p − 1. */
const polynomials = (): Features => (x, capacity) => legendre(x, capacity - 1);

/**
 * Rahimi and Recht 2007, as in Belkin, Hsu, Ma and Mandal 2019: cosines of random frequency and phase, the same ones in every
 * model. The frequencies have a deviation of n/4 cycles over [0, 1], so that n of them can tell n points apart.
 */
const randomFeatures = (seed: number, points: number): Features => {
  const from = fold(key(seed), 'features');
  const [frequencies, phases] = [fold(from, 'frequency'), fold(from, 'phase')];
  return (x, capacity) => Float64Array.from({ length: capacity }, (_, k) => Math.cos(2 * Math.PI * ((points / 4) * normalAt(frequencies, k) * x + uniformAt(phases, k))));
};

export const families = { polynomials, randomFeatures } as const;
export type FamilyName = keyof typeof families;

/** What is to be learned, on [0, 1]. */
export const truths = {
  sine: (x: number): number => Math.sin(2 * Math.PI * x),
  ripple: (x: number): number => 0.7 * Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x),
  step: (x: number): number => (x < 0.5 ? -0.8 : 0.8),
} as const;
export type TruthName = keyof typeof truths;
