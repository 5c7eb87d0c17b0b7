import { nonNegative } from '@gradstream/numerics';
import { mapAllTones, toning, type AmountOptions } from './tone.ts';

/** Raises values in [0, 1] to a power: below 1 lightens the shadows. The power is drawn from exp(±log(1 + amount)). */
export const randomGamma = toning<AmountOptions>('randomGamma', { amount: nonNegative }, ({ amount = 0.4 }) => [-Math.log1p(amount), Math.log1p(amount)], (from, to, log) => {
  const power = Math.exp(log);
  mapAllTones(from, to, (v) => Math.max(0, v) ** power);
});
