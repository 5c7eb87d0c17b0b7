/**
 * A ledger of what was decided on a test set, and how much too good the chosen number is. Dwork et al. 2015, "The reusable holdout";
 * Cawley and Talbot 2010, "On Over-fitting in Model Selection and Subsequent Selection Bias".
 */
import { checkOptions, fold, InputError, integerAt, key, nonNegative, positiveInteger } from '@gradstream/numerics';

/** One model that was measured on the test set. */
export interface Look {
  readonly name: string;
  /** Error on the test set, in [0, 1]. */
  readonly error: number;
}

export interface Optimism {
  /** Looks so far. */
  readonly looks: number;
  /** The look with the least error: what somebody who chooses by the test set would report. */
  readonly best?: Look;
  /** How much too low that error is, estimated; in the same unit. 0 for a single look. */
  readonly optimism: number;
  /** The best error with its optimism put back. */
  readonly corrected: number;
}

export interface OptimismOptions {
  /** Resamples of the test set. Default 1,000. */
  readonly draws?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Counts looks at a test set of fixed examples, and estimates the optimism of choosing by them. */
export interface TestLedger {
  /**
   * Notes a look.
   *
   * @param wrong for each test example, in the same order every time, whether the model erred on it
   */
  note(name: string, wrong: ArrayLike<boolean | number>): Look;
  readonly looks: readonly Look[];
  /**
   * The optimism of the best look, by the bootstrap: on resamples of the test set the model that looks best there is chosen, and its
   * error on the whole set is compared with the one that chose it. It knows how alike the models are: thirty copies of one model have
   * no optimism, thirty independent ones have most.
   */
  optimism(options?: OptimismOptions): Optimism;
}

/** @param examples examples of the test set */
export function testLedger(examples: number): TestLedger {
  if (!positiveInteger.accepts(examples)) throw new InputError(`testLedger: examples must be ${positiveInteger.says}, received ${examples}`);
  const looks: Look[] = [];
  const errors: Uint8Array[] = [];
  return {
    looks,
    note(name, wrong) {
      if (wrong.length !== examples) throw new InputError(`testLedger: '${name}' was measured on ${wrong.length} examples, the test set has ${examples}`);
      const bits = Uint8Array.from(wrong, Number);
      const look = { name, error: bits.reduce((sum, bit) => sum + bit, 0) / examples };
      errors.push(bits);
      looks.push(look);
      return look;
    },
    optimism(options = {}) {
      checkOptions('optimism', options, { draws: positiveInteger, seed: nonNegative });
      const { draws = 1_000, seed = 0 } = options;
      if (looks.length === 0) return { looks: 0, optimism: 0, corrected: NaN };
      const best = looks.reduce((a, b) => (b.error < a.error ? b : a));
      let sum = 0;
      for (let draw = 0; looks.length > 1 && draw < draws; draw++) {
        const from = fold(fold(key(seed), 'look'), draw);
        const drawn = Uint32Array.from({ length: examples }, (_, i) => integerAt(from, i, examples));
        const seen = errors.map((bits) => drawn.reduce((n, i) => n + bits[i], 0) / examples);
        const chosen = seen.indexOf(Math.min(...seen));
        sum += (looks[chosen].error - seen[chosen]) / draws;
      }
      const optimism = Math.max(0, sum);
      return { looks: looks.length, best, optimism, corrected: best.error + optimism };
    },
  };
}
