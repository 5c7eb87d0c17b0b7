import { Curve, flagOf } from './curve.ts';

/**
 * Exponential moving average with the correction for its start (Kingma and Ba 2015, section 3, as TensorBoard draws it):
 *
 *   m ← w·m + (1 − w)·y        shown: m / (1 − wᵗ)
 *
 * Values that are not finite pass through and leave the average alone. A bucket of n points counts as n points of its
 * mean (the past keeps wⁿ), so that a curve is as smooth drawn from buckets as it is from its points. Follows its source:
 * each call of `curve` takes in what has come since.
 */
export class Smoothed {
  readonly #source: Curve;
  readonly #weight: number;
  readonly #curve = new Curve();
  #revision = -1;
  #taken = 0;
  #average = 0;
  #correction = 1;

  /** @param weight of the past, in [0, 1): 0 shows the points themselves */
  constructor(source: Curve, weight: number) {
    this.#source = source;
    this.#weight = weight;
  }

  get weight(): number {
    return this.#weight;
  }

  get curve(): Curve {
    const { x, y, counts, revision } = this.#source;
    if (revision !== this.#revision) {
      this.#curve.clear();
      this.#revision = revision;
      this.#taken = 0;
      this.#average = 0;
      this.#correction = 1;
    }
    for (; this.#taken < x.length; this.#taken++) {
      const value = y[this.#taken];
      if (flagOf(value) === 0) {
        const kept = counts ? this.#weight ** counts[this.#taken] : this.#weight;
        this.#average = kept * this.#average + (1 - kept) * value;
        this.#correction *= kept;
      }
      this.#curve.append(x[this.#taken], flagOf(value) === 0 ? this.#average / (1 - this.#correction) : value);
    }
    return this.#curve;
  }
}
