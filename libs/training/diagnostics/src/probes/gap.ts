import { checkOptions, InputError, positiveInteger, type Examples, type Split } from '@gradstream/numerics';
import { predict } from '@gradstream/engine';
import type { Objective } from '@gradstream/losses';
import { mean, deviation } from '../recipe/statistics.ts';
import { allOf } from '../split-arrays.ts';
import { crossEntropy } from '../studies/measures.ts';
import { notTest, type Diagnostic } from './probe.ts';

export interface GapOptions {
  /** Examples of each split: the first ones. Default 2,000. */
  readonly examples?: number;
}

/**
 * Held-out loss minus training loss with the present weights, `gap/loss`, and the ends of its 95 % interval, `gap/low` and `gap/high`:
 * both are means over examples, so that the gap has the standard error √(s₁²/n₁ + s₂²/n₂). For classes `gap/error` too, in points. A
 * small gap is not a small error: a constant answer has none.
 *
 * Cross-entropy of classes, or squared error of values.
 */
export function generalizationGap(train: Split, held: Split, options: GapOptions = {}): Diagnostic {
  checkOptions('generalizationGap', options, { examples: positiveInteger });
  notTest('generalizationGap', held);
  const { examples = 2_000 } = options;
  return {
    name: 'gap',
    begin: ({ trainer: { model, objective } }) => {
      const [known, unknown] = [allOf(train, examples), allOf(held, examples)];
      return {
        read(weights) {
          const [on, off] = [known, unknown].map((some) => lossesOf(objective, predict(model, weights, some, { size: 1_000 }), some));
          return { metrics: { ...gapBetween(on.losses, off.losses), ...(off.wrong === undefined ? {} : { error: 100 * (off.wrong - on.wrong!) }) } };
        },
      };
    },
  };
}

/** Mean held-out loss minus mean training loss, and the ends of its 95 % interval. */
export function gapBetween(train: readonly number[], held: readonly number[]): { readonly loss: number; readonly low: number; readonly high: number } {
  const loss = mean(held) - mean(train);
  const error = Math.sqrt(deviation(held) ** 2 / held.length + deviation(train) ** 2 / train.length);
  return { loss, low: loss - 1.96 * error, high: loss + 1.96 * error };
}

/** The loss of each example, and the share that is classified wrongly. */
export function lossesOf({ name, link }: Pick<Objective, 'name' | 'link'>, outputs: Float32Array, { targets, size }: Pick<Examples, 'targets' | 'size'>): { readonly losses: number[]; readonly wrong?: number; readonly right?: readonly boolean[] } {
  const width = outputs.length / size;
  if (targets.kind === 'classes' && link === 'softmax' && targets.values.length === size) {
    const right = Array.from({ length: size }, (_, i) => {
      const row = outputs.subarray(i * width, (i + 1) * width);
      return row.indexOf(Math.max(...row)) === targets.values[i];
    });
    return { losses: [...crossEntropy(outputs, targets.values, size)], right, wrong: right.filter((yes) => !yes).length / size };
  }
  if (targets.kind === 'values' && link === 'identity') {
    return { losses: Array.from({ length: size }, (_, i) => outputs.subarray(i * width, (i + 1) * width).reduce((sum, value, c) => sum + (value - targets.values[i * width + c]) ** 2 / width, 0)) };
  }
  throw new InputError(`losses of single examples: known for classes with softmax and for values, received ${targets.kind} with '${name}'`);
}
