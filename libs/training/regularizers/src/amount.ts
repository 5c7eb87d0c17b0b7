import { hyper, HyperReader, isSubscribable, nonNegative, type Hyper, type Rule } from '@gradstream/numerics';
import type { Steered } from './regularizer.ts';

/** Strength of a regularizer: a number of at least 0, a function of the step, or a stream of such numbers. */
export type Amount = Hyper;

/** Option rule. */
export const amount: Rule = hyper(nonNegative);

/** The strength of one regularizer, read once or more in each step; runs that share the regularizer share the subscription. */
export class Strength {
  private readonly reader: HyperReader;
  private holders = 0;

  constructor(
    private readonly owner: string,
    private readonly option: string,
    private readonly source: Amount,
  ) {
    this.reader = new HyperReader(owner, { [option]: source }, { [option]: nonNegative });
  }

  /** @throws InputError for a value out of range, or a stream without one */
  at(step: number): number {
    return this.reader.at(step)[this.option];
  }

  /** What a run needs to know of it: nothing where it is a number. */
  steered(): Steered {
    if (typeof this.source === 'number') return {};
    const hyperAt = (step: number) => ({ [`${this.owner}.${this.option}`]: this.at(step) });
    if (!isSubscribable(this.source)) return { hyperAt };
    return {
      hyperAt,
      open: () => {
        if (this.holders++ === 0) this.reader.open();
      },
      close: () => {
        if (--this.holders === 0) this.reader.close();
      },
    };
  }
}
