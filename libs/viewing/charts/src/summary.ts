import { flagOf, hasNaN, hasPositiveInfinity, type Curve } from './curve.ts';

/** What there is to say about a curve in words; the catalogue of a language makes the sentence. */
export interface CurveSummary {
  readonly points: number;
  readonly nan: number;
  readonly infinite: number;
  /** Absent when no value is finite. */
  readonly first?: { readonly x: number; readonly y: number };
  readonly last?: { readonly x: number; readonly y: number };
  readonly min?: { readonly x: number; readonly y: number };
  readonly max?: { readonly x: number; readonly y: number };
  readonly trend?: 'fell' | 'rose' | 'stayed';
}

/** `stayed` means that last and first differ by under a hundredth of the spread. */
export const trendOf = (first: number, last: number, spread: number): 'fell' | 'rose' | 'stayed' => (Math.abs(last - first) <= spread / 100 ? 'stayed' : last < first ? 'fell' : 'rose');

/** What can be put into words: a curve of points, or one that knows its facts itself. */
type Described = Pick<Curve, 'x' | 'y' | 'revision'> & { described?(): CurveSummary };

/** Follows a curve: each reading takes in what has come since, and starts over when earlier points changed. */
export class Summariser {
  readonly #curve: Described;
  #revision = -1;
  #taken = 0;
  #nan = 0;
  #infinite = 0;
  #first = -1;
  #last = -1;
  #min = -1;
  #max = -1;

  constructor(curve: Described) {
    this.#curve = curve;
  }

  get curve(): Described {
    return this.#curve;
  }

  read(): CurveSummary {
    if (this.#curve.described) return this.#curve.described();
    const { x, y, revision } = this.#curve;
    if (revision !== this.#revision) {
      this.#taken = this.#nan = this.#infinite = 0;
      this.#first = this.#last = this.#min = this.#max = -1;
      this.#revision = revision;
    }
    for (; this.#taken < y.length; this.#taken++) this.#take(this.#taken, y);
    const [nan, infinite, points] = [this.#nan, this.#infinite, y.length];
    if (this.#first < 0) return { points, nan, infinite };
    const at = (i: number) => ({ x: x[i], y: y[i] });
    const [first, last, min, max] = [at(this.#first), at(this.#last), at(this.#min), at(this.#max)];
    return { points, nan, infinite, first, last, min, max, trend: trendOf(first.y, last.y, max.y - min.y) };
  }

  #take(i: number, y: Float64Array): void {
    const flag = flagOf(y[i]);
    if (flag === hasNaN) this.#nan++;
    else if (flag) this.#infinite++;
    else {
      if (this.#first < 0) this.#first = this.#min = this.#max = i;
      this.#last = i;
      if (y[i] < y[this.#min]) this.#min = i;
      if (y[i] > y[this.#max]) this.#max = i;
    }
  }
}

/** What there is to say about a curve as it stands. */
export const summarise = (curve: Pick<Curve, 'x' | 'y'>): CurveSummary => new Summariser({ x: curve.x, y: curve.y, revision: 0 }).read();

/** Glyph of the gutter for the flags of a column: NaN before +∞ before −∞. */
export const gutterGlyph = (flags: number): 'nan' | 'up' | 'down' | undefined => (flags === 0 ? undefined : flags & hasNaN ? 'nan' : flags & hasPositiveInfinity ? 'up' : 'down');
